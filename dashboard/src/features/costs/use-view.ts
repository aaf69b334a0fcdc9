import { useSearchParams } from "@solidjs/router";
import { createMemo } from "solid-js";
import { now } from "../../lib/clock.ts";
import { type CostView, readCostView, writeCostView } from "./view.ts";

/** Keeps the view in the address of the page, so that it can be shared and survives a login. */
export function useCostView() {
  const [search, setSearch] = useSearchParams();
  const isSame = (left: CostView, right: CostView) => JSON.stringify(left) === JSON.stringify(right);
  const read = () => readCostView({ ...search }, now());
  const view = createMemo(read, read(), { equals: isSame });

  const change = (part: Partial<CostView>, options: { replace?: boolean } = {}) => {
    const next = { ...view(), ...part };
    // A different grouping has different series.
    if (part.group !== undefined || part.organizations !== undefined) next.hidden = [];
    setSearch(writeCostView(next, now()), { replace: options.replace ?? false, scroll: false });
  };
  /** A link to the costs of one organization by model. */
  const hrefOf = (organization: string) => {
    const next = { ...view(), organizations: [organization], group: "model" as const, hidden: [] };
    const entries = Object.entries(writeCostView(next, now())).flatMap(([name, value]) =>
      [value ?? []].flat().map((one) => [name, one]),
    );
    return `/costs?${new URLSearchParams(entries)}`;
  };
  return { view, change, hrefOf };
}

export type CostControls = ReturnType<typeof useCostView>;
