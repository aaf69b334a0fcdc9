import type { Millis } from "../contract/presence.ts";
import { withDatabase } from "../db/client.ts";
import { applyPresence } from "../db/presence.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import type { Roster } from "./roster.ts";
import type { FleetStore } from "./store.ts";

export const FLUSH_INTERVAL_MS = 1_000;
const LONGEST_RETRY_MS = 8_000;
const BATCH = 2_000;

/** Writes the presence of members to Postgres, one statement at a time. */
export class WriteBehind {
  readonly #env: Env;
  readonly #store: FleetStore;
  readonly #roster: Roster;
  /** Members whose view has yet to be written to Postgres. */
  readonly #dirty = new Set<string>();
  /** Members whose row says that they are dirty. */
  readonly #dirtyRows = new Set<string>();
  #flushedAt: Millis = 0;
  #failures = 0;

  constructor(env: Env, store: FleetStore, roster: Roster) {
    this.#env = env;
    this.#store = store;
    this.#roster = roster;
  }

  /** Adds a member from its row. */
  load(orchestratorId: string, dirty: boolean): void {
    if (!dirty) return;
    this.#dirty.add(orchestratorId);
    this.#dirtyRows.add(orchestratorId);
  }

  has(orchestratorId: string): boolean {
    return this.#dirty.has(orchestratorId);
  }

  add(orchestratorId: string): void {
    this.#dirty.add(orchestratorId);
  }

  spare(orchestratorId: string): void {
    this.#dirty.delete(orchestratorId);
  }

  forget(orchestratorId: string): void {
    this.#dirty.delete(orchestratorId);
    this.#dirtyRows.delete(orchestratorId);
  }

  /** Stores the row of a member. */
  save(orchestratorId: string): void {
    const member = this.#roster.get(orchestratorId);
    if (!member) return;
    const dirty = this.#dirty.has(orchestratorId);
    this.#store.saveMember(member, dirty);
    if (dirty) this.#dirtyRows.add(orchestratorId);
    else this.#dirtyRows.delete(orchestratorId);
  }

  /** When the next flush is due, which also stores the log lines in memory. */
  dueAt(hasLines: boolean): Millis | null {
    if (!hasLines && this.#dirty.size === 0) return null;
    return this.#flushedAt + Math.min(LONGEST_RETRY_MS, FLUSH_INTERVAL_MS * 2 ** Math.min(this.#failures, 10));
  }

  backOff(): void {
    this.#failures += 1;
    this.#flushedAt = Date.now();
  }

  /**
   * Writes all changed members in one statement. When it fails, they stay dirty and are marked so in their rows. Returns
   * the members that Postgres has no row for.
   */
  async flush(): Promise<string[]> {
    this.#flushedAt = Date.now();
    const batch = [...this.#dirty].slice(0, BATCH).flatMap((id) => this.#roster.get(id) ?? []);
    if (batch.length === 0) return [];
    const views = batch.map(({ view }) => view);
    let known: Set<string>;
    try {
      known = new Set(await withDatabase(this.#env, (db) => applyPresence(db, views)));
    } catch (error) {
      for (const { orchestratorId } of views) if (!this.#dirtyRows.has(orchestratorId)) this.save(orchestratorId);
      this.backOff();
      writeLog(this.#env, "WARNING", "Presence is waiting for the database", errorFields(error));
      return [];
    }
    this.#failures = 0;
    const missing: string[] = [];
    for (const view of views) {
      const id = view.orchestratorId;
      // When a newer report came in the meantime, the member stays dirty.
      if (this.#roster.get(id)?.view === view) this.#dirty.delete(id);
      if (known.has(id)) this.#markClean(id);
      else missing.push(id);
    }
    return missing;
  }

  #markClean(orchestratorId: string): void {
    if (this.#dirty.has(orchestratorId) || !this.#dirtyRows.has(orchestratorId)) return;
    this.save(orchestratorId);
  }
}
