import { type Accessor, createEffect, createMemo, createSignal, on, untrack } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { useFleet } from "../../live/context.ts";
import { useList } from "../../live/query.ts";
import { countNew, isBeat, type LogFilter, type LogLine, matches, mergeLines, refreshLines } from "./lines.ts";

/** The most that the controller gives at a time. */
const MOST = 1000;

type LogEntry = components["schemas"]["LogEntry"];

function toLine(entry: LogEntry): LogLine {
  const { level, message, orchestrator_id, count } = entry;
  return { at: Date.parse(entry.timestamp), level, message, orchestrator_id, count };
}

async function fetchLines({ level, q }: LogFilter, signal: AbortSignal) {
  const query = { page_size: MOST, ...(level && { level }), ...(q && { q }) };
  const { data } = await ask(api.GET("/api/v1/controller/logs", { params: { query }, signal }));
  const lines = data.items.map(toLine).reverse();
  return { lines, missing: Math.max(0, data.total - lines.length) };
}

interface Log {
  key: string;
  lines: readonly LogLine[];
  missing: number;
}

/** The log of the controller, oldest first: what it holds, and what comes while somebody looks. */
export function createLogModel(filter: Accessor<LogFilter>, hasBeats: Accessor<boolean>) {
  const fleet = useFleet();
  const key = createMemo(() => JSON.stringify([filter().level, filter().q]));
  const [log, setLog] = createSignal<Log>({ key: "", lines: [], missing: 0 });
  /** The number of each line that the stream told. */
  const arrivals = new WeakMap<LogLine, number>();
  let arrived = 0;
  /** What is on the screen while it does not follow; null: everything. */
  const [held, setHeld] = createSignal<readonly LogLine[] | null>(null);

  const list = useList(
    () => ["logs", key()],
    async (signal) => {
      const asked = { filter: filter(), key: key() };
      const askedAfter = arrived;
      return { key: asked.key, askedAfter, ...(await fetchLines(asked.filter, signal)) };
    },
  );
  createEffect(
    on([() => list.loadedAt, key], () => {
      const { data } = list;
      if (data?.key !== key()) return;
      const { missing, askedAfter } = data;
      const old = untrack(log);
      // Plain objects: lines are compared and kept, not watched.
      const told = data.lines.map((line) => ({ ...line }));
      const isLater = (line: LogLine) => (arrivals.get(line) ?? 0) > askedAfter;
      setLog({ key: key(), lines: refreshLines(old.key === key() ? old.lines : [], told, isLater), missing });
    }),
  );
  fleet.onLogs((lines) => {
    if (log().key !== key() || fleet.connection().mode === "paused") return;
    const more = lines.filter((line) => matches(line, filter()));
    for (const line of more) arrivals.set(line, ++arrived);
    setLog({ ...log(), lines: mergeLines(log().lines, more) });
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
    /** How many older lines match that the controller keeps and did not give. */
    missing: () => (log().key === key() ? log().missing : 0),
    isFollowing: () => held() === null,
    newCount: createMemo(() => {
      const seen = held();
      return seen === null ? 0 : countNew(seen, lines());
    }),
    follow: (isOn: boolean) => setHeld(isOn ? null : (untrack(held) ?? untrack(lines))),
  };
}
