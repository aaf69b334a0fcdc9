import { createEffect, createSignal, on, onCleanup, untrack } from "solid-js";
import type { FeedEvent, StreamLogLine } from "../../../worker/contract/stream.ts";
import { actingUser, noteEndedSession } from "../lib/api.ts";
import { controllerNow } from "../lib/controller-time.ts";
import { preferences, setPreference } from "../lib/preferences.ts";
import { Connection } from "./connection.ts";
import type { ConnectionState, FleetLive } from "./context.ts";
import { modeOf } from "./mode.ts";
import { pollFleet } from "./poll.ts";
import type { ShardState } from "./shard.ts";
import { createFleetStore } from "./store.ts";
import { createWatching } from "./watching.ts";

const NO_MEMBERS: readonly string[] = [];

/** The fleet for the duration of a login: from the stream, or from REST while that is down. For the life of the owner. */
export function createFleetLive(): FleetLive {
  const streamed = createFleetStore();
  // A separate store: polled data must not mix with streamed data, so that the stream can resume from its cursor.
  const polled = createFleetStore();
  const [isPolledShown, showPolled] = createSignal(false);
  const [isPolledComplete, setPolledComplete] = createSignal(false);
  const [isReady, setReady] = createSignal(false);
  const [connection, setConnection] = createSignal<ConnectionState>({
    mode: preferences.isLive ? "connecting" : "paused",
    sinceAt: controllerNow(),
    retryAt: null,
    refusal: null,
  });
  const eventListeners = new Set<(event: FeedEvent) => void>();
  const logListeners = new Set<(lines: StreamLogLine[]) => void>();

  let states: readonly ShardState[] = [];
  const settle = () => {
    const { mode, retryAt, refusal } = modeOf(states, !preferences.isLive);
    const before = untrack(connection);
    if (mode === "live") {
      showPolled(false);
      setReady(true);
    }
    if (mode === before.mode && retryAt === before.retryAt && refusal === before.refusal) return;
    setConnection({ mode, retryAt, refusal, sinceAt: mode === before.mode ? before.sinceAt : controllerNow() });
  };

  const watching = createWatching(() => link.sendWanted(), streamed.shardOf);
  const link = new Connection({
    openSocket,
    onPatch: (shard, patch) => {
      streamed.apply(shard, patch);
      for (const event of patch.events) for (const listener of eventListeners) listener(event);
    },
    onLines: (lines) => {
      for (const listener of logListeners) listener([...lines]);
    },
    onStates: (next) => {
      states = next;
      settle();
    },
    onSessionEnd: noteEndedSession,
    wanted: watching.frameFor,
  });

  pollFleet(
    // Paused before any data arrived: load once, so that the page is not empty.
    () => connection().mode === "polling" || (connection().mode === "paused" && !isReady()),
    ({ patch, isComplete }) => {
      polled.apply(0, patch);
      setPolledComplete(isComplete);
      showPolled(true);
      setReady(true);
    },
  );

  const wake = () => {
    if (!document.hidden) link.wake();
  };
  const targets: [EventTarget, string][] = [
    [document, "visibilitychange"],
    [window, "online"],
    [window, "offline"],
  ];
  for (const [target, type] of targets) target.addEventListener(type, wake);
  createEffect(
    on(
      () => preferences.isLive,
      (isLive) => {
        if (isLive) link.start();
        else link.stop();
        settle();
      },
    ),
  );
  onCleanup(() => {
    for (const [target, type] of targets) target.removeEventListener(type, wake);
    watching.stop();
    link.stop();
  });

  const shown = () => (isPolledShown() ? polled : streamed);
  return {
    connection,
    isReady,
    row: (id) => shown().row(id) ?? streamed.row(id),
    organization: (id) => shown().organization(id) ?? streamed.organization(id),
    membersOf: (id) => shown().membersOf(id) ?? streamed.membersOf(id) ?? NO_MEMBERS,
    counts: () => (isPolledShown() && isPolledComplete() ? polled : streamed).counts(),
    events: streamed.events,
    onEvent(listener) {
      eventListeners.add(listener);
      onCleanup(() => eventListeners.delete(listener));
    },
    watch: watching.watch,
    onLogs(listener) {
      logListeners.add(listener);
      watching.followLogs();
      onCleanup(() => logListeners.delete(listener));
    },
    setPaused: (isPaused) => setPreference("isLive", !isPaused),
  };
}

/** The browser sends the session cookie. */
function openSocket(shard: number, cursor: string | null): WebSocket {
  const user = actingUser();
  const query = new URLSearchParams({
    shard: String(shard),
    ...(cursor !== null && { cursor }),
    ...(user !== null && { user }),
  });
  return new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/stream?${query}`);
}
