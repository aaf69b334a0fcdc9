import { lazy, Suspense } from "solid-js";
import type { Status } from "../../../lib/api.ts";
import type { Item } from "./rows.ts";

const OrganizationDetail = lazy(async () => ({
  default: (await import("./organization-detail.tsx")).OrganizationDetail,
}));

/** The content of an open row or card, whose code is loaded on first use. */
export function Opened(props: { item: Item; status: Status }) {
  return (
    <Suspense fallback={<div class="skeleton-card" />}>
      <OrganizationDetail item={props.item} status={props.status} />
    </Suspense>
  );
}
