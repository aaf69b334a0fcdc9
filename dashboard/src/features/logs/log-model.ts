import { type Accessor, createEffect, createMemo, createSignal, on, untrack } from "solid-js";
import { MAX_LIMIT } from "../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { useFleet } from "../../live/context.ts";
import { useList } from "../../live/query.ts";
import { countNew, isBeat, type LogFilter, type LogLine, matches, mergeLines, refreshLines } from "./lines.ts";

type LogEntry = components["schemas"]["LogEntry"];

function toLine(entry: LogEntry): LogLine {
  const { level, message, orchestrator_id, count } = entry;
  return { at: Date.parse(entry.timestamp), level, message, orchestrator_id, count };
}

async function fetchLines({ level, q }: LogFilter, signal: AbortSignal) {
  const query = { page_size: MAX_LIMIT, ...(level && { level }), ...(q && { q }) };
  const { data } = await ask(api.GET("/api/v1/controller/logs", { params: { query }, signal }));
  const lines = data.items.map(toLine).reverse();
  return { lines, missing: Math.max(0, data.total - lines.length) };
}

interface Log {
  key: string;
  lines: readonly LogLine[];
  missing: number;
}

/** The controller log, oldest first: the stored lines plus the lines that arrive by the stream. */
export function createLogModel(filter: Accessor<LogFilter>, hasBeats: Accessor<boolean>) {
  const fleet = useFleet();
  const key = createMemo(() => JSON.stringify([filter().level, filter().q]));
  const [log, setLog] = createSignal<Log>({ key: "", lines: [], missing: 0 });
  /** The sequence number of each line from the stream. */
  const arrivals = new WeakMap<LogLine, number>();
  let arrived = 0;
  /** The lines on the screen while following is off; null: following. */
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
      // Plain copies: lines need no reactivity.
      const loaded = data.lines.map((line) => ({ ...line }));
      const isLater = (line: LogLine) => (arrivals.get(line) ?? 0) > askedAfter;
      setLog({ key: key(), lines: refreshLines(old.key === key() ? old.lines : [], loaded, isLater), missing });
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
    /** How many older matching lines the controller keeps but did not return. */
    missing: () => (log().key === key() ? log().missing : 0),
    isFollowing: () => held() === null,
    newCount: createMemo(() => {
      const seen = held();
      return seen === null ? 0 : countNew(seen, lines());
    }),
    follow: (isOn: boolean) => setHeld(isOn ? null : (untrack(held) ?? untrack(lines))),
  };
}
