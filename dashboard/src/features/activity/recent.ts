import { type Accessor, createMemo } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { useFleet } from "../../live/context.ts";
import { type ListQuery, useList } from "../../live/query.ts";
import { fromEvent, mergeEntries } from "./entries.ts";
import type { ActivityEntry } from "./filter.ts";

interface Recent {
  /** Newest first. */
  entries: Accessor<readonly ActivityEntry[]>;
  query: ListQuery<readonly ActivityEntry[]>;
}

/** Recent events: those the controller still had when the page was loaded, plus those from the stream since. */
export function useRecent(limit: number): Recent {
  const fleet = useFleet();
  // Reloads when the stream is back, and periodically while there is none, so that nothing is missed.
  const query = useList<readonly ActivityEntry[]>(
    () => ["activity", limit],
    async (signal) => {
      const { data } = await ask(api.GET("/api/v1/controller/activity", { params: { query: { limit } }, signal }));
      return data.items.map(({ at, count, first_at, types, ...event }) => {
        const repeats = count > 1 && { repeats: { count, since: Date.parse(first_at), types } };
        return fromEvent({ ...event, at: Date.parse(at), ...repeats });
      });
    },
  );
  const entries = createMemo(() => mergeEntries(fleet.events().map(fromEvent), query.data ?? []));
  return { entries, query };
}
