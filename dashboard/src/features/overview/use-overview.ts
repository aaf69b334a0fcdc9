import { type Accessor, createEffect, createMemo, createRoot, createSignal, untrack } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { now } from "../../lib/clock.ts";
import { controllerNow } from "../../lib/controller-time.ts";
import { type FleetLive, useFleet } from "../../live/context.ts";
import { useList } from "../../live/query.ts";
import { type AttentionView, type ListedAttention, withIds } from "./attention.ts";
import { addSample, type Sample } from "./history.ts";
import { fleetNumbers, type LiveCounts } from "./numbers.ts";

type Overview = components["schemas"]["Overview"];
type Costs = components["schemas"]["Costs"];

/** The page size of the list. */
export const ATTENTION_SHOWN = 20;
const MINUTE_MS = 60_000;
const FOLLOWING = { refreshOn: () => true, refreshPauseMs: 2500, isWrittenBehind: true, everyMs: MINUTE_MS };

export function useOverview(view: Accessor<AttentionView>) {
  const stored = useList<Overview>(
    () => ["overview"],
    async (signal) => (await ask(api.GET("/api/v1/controller/overview", { signal }))).data,
    FOLLOWING,
  );
  const attention = useList<ListedAttention>(
    () => ["attention", "list", view()],
    async (signal) => {
      const { kind, page } = view();
      const params = { query: { limit: ATTENTION_SHOWN, page, ...(kind && { kind }) } };
      return withIds((await ask(api.GET("/api/v1/controller/attention", { params, signal }))).data);
    },
    FOLLOWING,
  );
  const counts = useCounts(useFleet());
  const numbers = createMemo(() => fleetNumbers(counts(), stored.data));
  return { stored, attention, numbers };
}

/** The costs of the current month in UTC, like on the costs page. */
export function useMonthCosts() {
  return useList<Costs>(
    () => ["costs", "month", new Date(now()).toISOString().slice(0, 7)],
    async (signal) => {
      const start_date = `${new Date(controllerNow()).toISOString().slice(0, 7)}-01`;
      const query = { start_date, granularity: "month", include_forecast: "true" } as const;
      const answer = await ask(api.GET("/api/v1/controller/costs", { params: { query }, signal }));
      if (typeof answer === "string") throw new Error("the controller returned a file");
      return answer.data;
    },
    { everyMs: 5 * MINUTE_MS, idField: "key" },
  );
}

/** The counts of the stream, updated at most once a second; null while there is no stream. */
function useCounts(fleet: FleetLive): Accessor<LiveCounts | null> {
  const isStreaming = () => fleet.isReady() && fleet.connection().mode !== "polling";
  const copy = () => {
    // Copied, because the store keeps changing the object.
    const { total, connected, organizations } = fleet.counts();
    return { total, connected, organizations: { ...organizations } };
  };
  return createMemo(() => {
    now();
    return isStreaming() ? untrack(copy) : null;
  });
}

const histories = new WeakMap<FleetLive, Accessor<readonly Sample[]>>();

/** Records the number of connected orchestrators from first use on, also while another page is open. */
export function useConnectedHistory(): Accessor<readonly Sample[]> {
  const fleet = useFleet();
  const known = histories.get(fleet);
  if (known) return known;
  // Lives as long as the fleet.
  const history = createRoot(() => {
    const [samples, setSamples] = createSignal<readonly Sample[]>([]);
    createEffect(() => {
      const isLive = fleet.isReady() && fleet.connection().mode === "live";
      const value = isLive ? fleet.counts().connected : null;
      setSamples((old) => addSample(old, { at: controllerNow(), value }));
    });
    return samples;
  });
  histories.set(fleet, history);
  return history;
}
