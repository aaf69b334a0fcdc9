import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { Failure } from "../../lib/failure.ts";
import { type Bounds, boundsOf, type Granularity, previousOf } from "./period.ts";
import type { CostGroup, CostView } from "./view.ts";

export type Costs = components["schemas"]["Costs"];

interface CostQuery {
  bounds: Bounds;
  group: CostGroup;
  granularity: Granularity;
  organizations: readonly string[];
}

async function readCosts(
  { bounds, group, granularity, organizations }: CostQuery,
  signal: AbortSignal,
): Promise<Costs> {
  const query = {
    start_date: new Date(bounds.startAt).toISOString(),
    end_date: new Date(bounds.endAt).toISOString(),
    group_by: group,
    granularity,
    include_forecast: "true" as const,
    ...(organizations.length > 0 ? { organization_ids: organizations.join(",") } : {}),
  };
  const answer = await ask(api.GET("/api/v1/controller/costs", { params: { query }, signal }));
  // The route answers with text only for `format=csv`.
  if (typeof answer === "string") throw new Failure("internal_error", "The controller returned a file");
  return answer.data;
}

export function readView(view: CostView, signal: AbortSignal): Promise<Costs> {
  return readCosts({ ...view, bounds: boundsOf(view.period) }, signal);
}

/** The total of the period that the view is compared with. */
export function readPrevious(view: CostView, now: number, signal: AbortSignal): Promise<Costs> {
  // Only the total is needed, so ask for the fewest points.
  return readCosts({ ...view, granularity: "month", bounds: previousOf(view.period, now) }, signal);
}
