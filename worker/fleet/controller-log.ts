import type { LogLine, LogPage, LogQuery, Millis } from "../contract/presence.ts";
import { LOG_CAPACITY } from "../contract/values/limits.ts";
import { escapeLine, ringOf, seesLine, selectLines } from "./log-ring.ts";
import type { FleetStore } from "./store.ts";

/** More than a shard writes in a millisecond, on average. */
const LINES_PER_MS = 1000;

/** The newest lines of the controller log: in memory until they are worth a row. */
export class ControllerLog {
  readonly #store: FleetStore;
  #unsaved: LogLine[] = [];
  /** Lines in rows. Null until it was asked for: counting them for each flush would read every row. */
  #saved: number | null = null;
  /** Rises with the time, so that it need not be stored to rise across wakes. */
  #lastN = 0;

  constructor(store: FleetStore) {
    this.#store = store;
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.length > 0;
  }

  /** Returns the lines as they may be shown. */
  add(lines: readonly LogLine[], now: Millis): LogLine[] {
    const escaped = lines.map(escapeLine);
    for (const line of escaped) {
      this.#lastN = Math.max(this.#lastN + 1, now * LINES_PER_MS);
      this.#unsaved.push({ ...line, n: this.#lastN });
    }
    // So seldom that a line costs the same however many there are.
    if (this.#unsaved.length > 2 * LOG_CAPACITY) this.#unsaved = ringOf(this.#unsaved, LOG_CAPACITY);
    return escaped;
  }

  save(): void {
    if (!this.hasUnsaved) return;
    const lines = this.#unsaved.splice(0);
    this.#saved = (this.#saved ?? this.#store.logCount()) + lines.length;
    this.#store.addLogs(lines);
    if (this.#saved <= 2 * LOG_CAPACITY) return;
    // So seldom that what is written anew is no more than what was written before.
    const kept = ringOf(this.#store.logs(), LOG_CAPACITY);
    this.#store.replaceLogs(kept);
    this.#saved = kept.length;
  }

  select(query: LogQuery): LogPage {
    const visible = (line: LogLine) => seesLine(line, query.organizations);
    return selectLines(ringOf([...this.#store.logs(), ...this.#unsaved], LOG_CAPACITY), query, visible);
  }
}
