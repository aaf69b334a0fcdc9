import { createEffect, onCleanup } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { setAttention } from "../../lib/title.ts";
import { useList } from "../../live/query.ts";

const OFTEN_MS = 5000;
const ALWAYS_MS = 60_000;

/** Shows how many items need attention in the title and icon of the tab; for the life of the owner. */
export function useAttention(): void {
  const query = useList(
    () => ["attention", "count"],
    async (signal) => {
      const answer = await ask(api.GET("/api/v1/controller/attention", { params: { query: { limit: 1 } }, signal }));
      return answer.data.total;
    },
    // The title of a tab is visible while another tab is open.
    {
      refreshOn: () => true,
      refreshPauseMs: OFTEN_MS,
      isWrittenBehind: true,
      isFollowedHidden: true,
      everyMs: ALWAYS_MS,
    },
  );
  createEffect(() => setAttention(query.data ?? 0));
  onCleanup(() => setAttention(0));
}

/** The number of pending messages. */
export function usePendingMessages(): () => number {
  const query = useList(
    () => ["messages", "pending-count"],
    async (signal) => {
      const params = { query: { status: "pending" as const, limit: 1 } };
      return (await ask(api.GET("/api/v1/internal/messages", { params, signal }))).total_count;
    },
    {
      refreshOn: ({ type }) => type === "message" || type === "message_decided" || type === "independence",
      everyMs: ALWAYS_MS,
    },
  );
  return () => query.data ?? 0;
}
