import { type Accessor, createEffect, createMemo, createSignal, on, untrack } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { useList } from "../../lib/query.ts";
import { useFleet } from "../../live/context.ts";
import { countNew, isBeat, type LogFilter, type LogLine, matches, mergeLines } from "./lines.ts";

/** The most that the controller gives at a time. */
const MOST = 1000;

type LogEntry = components["schemas"]["LogEntry"];

function toLine(entry: LogEntry): LogLine {
  const { level, message, orchestrator_id, count } = entry;
  return { at: Date.parse(entry.timestamp), level, message, orchestrator_id, count };
}

async function fetchLines({ level, q }: LogFilter, signal: AbortSignal): Promise<LogLine[]> {
  const query = { page_size: MOST, ...(level && { level }), ...(q && { q }) };
  const { data } = await ask(api.GET("/api/v1/controller/logs", { params: { query }, signal }));
  return data.items.map(toLine).reverse();
}

/** The log of the controller, oldest first: what it holds, and what comes while somebody looks. */
export function createLogModel(filter: Accessor<LogFilter>, hasBeats: Accessor<boolean>) {
  const fleet = useFleet();
  const key = createMemo(() => JSON.stringify([filter().level, filter().q]));
  const [log, setLog] = createSignal<{ key: string; lines: readonly LogLine[] }>({ key: "", lines: [] });
  /** What is on the screen while it does not follow; null: everything. */
  const [held, setHeld] = createSignal<readonly LogLine[] | null>(null);

  const add = (more: readonly LogLine[]) => {
    const old = untrack(log);
    setLog({ key: key(), lines: mergeLines(old.key === key() ? old.lines : [], more) });
  };
  const list = useList(
    () => ["logs", key()],
    async (signal) => {
      const asked = { filter: filter(), key: key() };
      return { key: asked.key, lines: await fetchLines(asked.filter, signal) };
    },
  );
  createEffect(
    on([() => list.loadedAt, key], () => {
      // Plain objects: lines are compared and kept, not watched.
      if (list.data?.key === key()) add(list.data.lines.map((line) => ({ ...line })));
    }),
  );
  fleet.onLogs((lines) => {
    if (log().key === key() && fleet.connection().mode !== "paused")
      add(lines.filter((line) => matches(line, filter())));
  });
  createEffect(on(key, () => setHeld(null), { defer: true }));

  createEffect(on(hasBeats, () => setHeld(null), { defer: true }));

  const lines = createMemo(() => {
    const known = log().key === key() ? log().lines : [];
    return hasBeats() ? known : known.filter((line) => !isBeat(line));
  });
  return {
    list,
    isLoaded: () => log().key === key(),
    lines: () => held() ?? lines(),
    isFollowing: () => held() === null,
    newCount: createMemo(() => {
      const seen = held();
      return seen === null ? 0 : countNew(seen, lines());
    }),
    follow: (isOn: boolean) => setHeld(isOn ? null : (untrack(held) ?? untrack(lines))),
  };
}
