import { createMemo, createSignal, onCleanup } from "solid-js";
import type { FeedEvent, StreamLogLine } from "../../../worker/contract/stream.ts";
import { preferences, setPreference } from "../lib/preferences.ts";
import type { ConnectionState, FleetLive } from "./context.ts";
import { pollFleet } from "./poll.ts";
import { createPoller } from "./poller.ts";
import { createFleetStore } from "./store.ts";

/** One for each signed-in visit. */
export function createFleetLive(): FleetLive {
  const store = createFleetStore();
  const [isReady, setReady] = createSignal(false);
  const [link, setLink] = createSignal<ConnectionState>({ mode: "connecting", sinceAt: Date.now(), retryAt: null });
  const eventListeners = new Set<(event: FeedEvent) => void>();
  const logListeners = new Set<(lines: StreamLogLine[]) => void>();

  const poller = createPoller({
    run: async () => {
      if (!preferences.isLive && isReady()) return;
      store.apply(0, await pollFleet());
      setReady(true);
    },
    onState: ({ failures, nextAt }) => {
      const mode = failures > 0 ? "reconnecting" : isReady() ? "polling" : "connecting";
      setLink((old) => ({
        mode,
        sinceAt: old.mode === mode ? old.sinceAt : Date.now(),
        retryAt: failures > 0 ? nextAt : null,
      }));
    },
    intervalMs: 2000,
    maxIntervalMs: 30_000,
    isVisible: () => !document.hidden,
  });
  const wake = () => poller.poke();
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  wake();
  onCleanup(() => {
    poller.stop();
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
  });

  const connection = createMemo<ConnectionState>(() =>
    preferences.isLive ? link() : { ...link(), mode: "paused", retryAt: null },
  );

  return {
    connection,
    isReady,
    row: (id) => store.state.rows[id],
    organization: (id) => store.state.organizations[id],
    membersOf: (id) => store.state.members[id] ?? [],
    counts: () => store.state.counts,
    events: () => store.state.events,
    onEvent(listener) {
      eventListeners.add(listener);
      onCleanup(() => eventListeners.delete(listener));
    },
    watch: () => undefined,
    onLogs(listener) {
      logListeners.add(listener);
      onCleanup(() => logListeners.delete(listener));
    },
    setPaused: (isPaused) => setPreference("isLive", !isPaused),
    retry: wake,
  };
}
