import { type Accessor, createMemo } from "solid-js";
import type { ConfigState, Health, Status } from "../../../lib/api.ts";
import { useFleet } from "../../../live/context.ts";
import { liveRowsOf } from "../../orchestrator/overlay.ts";
import { summarizeOrganization } from "../../organization/summary.ts";
import type { Item } from "./rows.ts";

/** The content of a row: loaded data, updated from the stream. */
export interface RowView {
  status: Status;
  connected: number;
  orchestrators: number;
  health: Health | null;
  config: ConfigState;
  lastSeenAt: number | null;
}

export function useRowView(item: Accessor<Item>): Accessor<RowView> {
  const fleet = useFleet();
  return createMemo(
    () => {
      const { organization_id: id, fetchedAt } = item();
      const { connected, ...summary } = summarizeOrganization(item(), liveRowsOf(fleet, id, fetchedAt));
      // Unknown yet: an active orchestrator has an open socket, or sends heartbeats over HTTP.
      return { ...summary, connected: connected ?? item().active_orchestrators };
    },
    undefined,
    { equals: isSameView },
  );
}

function isSameView(one: RowView, other: RowView): boolean {
  return (Object.keys(one) as (keyof RowView)[]).every((key) => one[key] === other[key]);
}
