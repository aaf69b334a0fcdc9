import type { Millis } from "../contract/presence.ts";
import { type Contest, NO_CONTEST } from "./takeover.ts";

/** A refused machine may knock every second; what its knocks add is written at most this often. */
const SAVE_INTERVAL_MS = 10_000;

/** The machines that want this id: in memory, and in a row for who comes after a reset. */
export class ContestStore {
  readonly #sql: SqlStorage;
  #current: Contest;
  #saved: string;
  #savedAt: Millis = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const [row] = sql.exec<{ body: string }>("SELECT body FROM contest").toArray();
    this.#current = row ? { ...NO_CONTEST, ...(JSON.parse(row.body) as Contest) } : NO_CONTEST;
    this.#saved = JSON.stringify(this.#current);
  }

  get current(): Contest {
    return this.#current;
  }

  keep(contest: Contest, now: Millis, isRefusal: boolean): void {
    this.#current = contest;
    if (isRefusal && now - this.#savedAt < SAVE_INTERVAL_MS) return;
    const body = JSON.stringify(contest);
    if (body === this.#saved) return;
    this.#sql.exec("INSERT OR REPLACE INTO contest (id, body) VALUES (1, ?)", body);
    this.#saved = body;
    this.#savedAt = now;
  }

  clear(): void {
    this.keep(NO_CONTEST, 0, false);
  }
}
