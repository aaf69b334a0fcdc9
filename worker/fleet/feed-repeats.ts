import type { Millis } from "../contract/presence.ts";
import type { Repeats } from "../contract/stream.ts";
import { isRepeat, REPEAT_WINDOW_MS } from "../platform/repeats.ts";
import type { Change, Happening, NewChange } from "./feed.ts";

const CONNECTION = new Set<string>(["connected", "disconnected", "lost"]);
/** This many connection changes are kept one by one: two connects and disconnects. */
const CONNECTIONS_SINGLY = 4;
const OTHERS_SINGLY = 20;

/** An event of the feed into which later ones of its kind may be folded. */
interface Recent {
  index: number;
  at: Millis;
  row: boolean;
  event: Happening;
}

export interface Fold {
  /** The index of the change that this one replaces. */
  replaces: number;
  row: boolean;
  /** Null: there was no event, only another change of the row. */
  repeats: Repeats | null;
}

/** The recent events of each orchestrator, by kind, newest first: enough to recognize repeats. */
export class FeedRepeats {
  readonly #recent = new Map<string, Recent[]>();
  /** The last change of an orchestrator's row without an event; the next such change replaces it. */
  readonly #rows = new Map<string, number>();
  #prunedAt: Millis = 0;

  /** Reads the changes of the feed, newest first, back to the start of the repeat window. */
  load(changes: Iterable<Change>, now: Millis): void {
    for (const { index, at, row, event, ...of } of changes) {
      if (now - at > REPEAT_WINDOW_MS) break;
      const key = event && keyOf(of, event);
      if (!key) continue;
      const known = this.#recent.get(key) ?? [];
      if (known.length < OTHERS_SINGLY) this.#recent.set(key, [...known, { index, at, row, event }]);
    }
  }

  /** Records a change with this index. Returns the entry that it replaces, or null. */
  note(change: NewChange, index: number, at: Millis): Fold | null {
    const { event } = change;
    if (change.leftOrganizationId !== null) return null;
    if (!event) return this.#noteRow(change, index);
    const key = keyOf(change, event);
    this.#prune(at);
    const recent = this.#recent.get(key) ?? [];
    const singly = CONNECTION.has(event.type) ? CONNECTIONS_SINGLY : OTHERS_SINGLY;
    const seen = recent.map((one) => ({ at: one.at, isFolded: one.event.repeats !== undefined }));
    const [newest, ...older] = recent;
    if (!newest || !isRepeat(seen, at, singly)) {
      this.#recent.set(key, [{ index, at, row: change.row, event }, ...recent].slice(0, OTHERS_SINGLY));
      return null;
    }
    const before = newest.event.repeats ?? { count: 1, since: newest.at, types: { [newest.event.type]: 1 } };
    const types = { ...before.types, [event.type]: (before.types[event.type] ?? 0) + 1 };
    const repeats = { count: before.count + 1, since: before.since, types };
    const row = change.row || newest.row;
    this.#recent.set(key, [{ index, at, row, event: { ...event, repeats } }, ...older]);
    return { replaces: newest.index, row, repeats };
  }

  #noteRow({ orchestratorId, organizationId, row }: NewChange, index: number): Fold | null {
    const key = `${orchestratorId} ${organizationId}`;
    const replaces = this.#rows.get(key);
    this.#rows.set(key, index);
    return replaces === undefined ? null : { replaces, row, repeats: null };
  }

  /** Deletes what is older than the repeat window, from time to time. */
  #prune(now: Millis): void {
    if (now - this.#prunedAt < REPEAT_WINDOW_MS) return;
    this.#prunedAt = now;
    this.#rows.clear();
    for (const [key, [newest]] of this.#recent) {
      if (!newest || now - newest.at > REPEAT_WINDOW_MS) this.#recent.delete(key);
    }
  }
}

/** Events with the same key repeat each other: all connection changes, and otherwise equal events only. */
function keyOf(of: Pick<NewChange, "orchestratorId" | "organizationId">, { type, detail }: Happening): string {
  const kind = CONNECTION.has(type) ? "connection" : `${type} ${detail ?? ""}`;
  return `${of.orchestratorId} ${of.organizationId} ${kind}`;
}
