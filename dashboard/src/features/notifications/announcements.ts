import { createEffect, on, onCleanup } from "solid-js";
import type { FeedEvent } from "../../../../worker/contract/stream.ts";
import { useFleet } from "../../live/context.ts";
import { announce } from "../../ui/announce.ts";
import { summarize } from "./summary.ts";

const COLLECT_MS = 1000;
const PAUSE_MS = 10_000;

const CONNECTION = {
  connecting: null,
  live: "Live updates resumed.",
  reconnecting: null,
  polling: "Live connection lost. The page refreshes periodically.",
  paused: "Live updates paused.",
};

/** Announces changes of the fleet and the connection to screen readers, briefly and not too often; for the life of the owner. */
export function useAnnouncements(): void {
  const fleet = useFleet();
  let collected: FeedEvent[] = [];
  let lastAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    timer = undefined;
    lastAt = Date.now();
    const sentence = summarize(collected);
    collected = [];
    if (sentence) announce(sentence);
  };
  fleet.onEvent((event) => {
    collected.push(event);
    timer ??= setTimeout(tell, Math.max(COLLECT_MS, lastAt + PAUSE_MS - Date.now()));
  });
  onCleanup(() => clearTimeout(timer));

  createEffect(
    on(
      () => fleet.connection().mode,
      (mode, before) => {
        const isNews =
          before !== undefined && before !== "connecting" && !(mode === "live" && before === "reconnecting");
        const sentence = CONNECTION[mode];
        if (isNews && sentence) announce(sentence);
      },
    ),
  );
}
