import type { JsonObject } from "../contract/json.ts";
import type { Millis } from "../contract/presence.ts";
import type { AccessEvent } from "../contract/session.ts";
import type { AuditEntry } from "../db/audit.ts";

/** Equal refusals within this time are one row at once and one with their count at its end. */
export const FLOOD_WINDOW_MS = 60_000;
/** Beyond as many different ones at a time, all others count as equal. */
const MAX_WINDOWS = 500;
const MAX_QUEUED = 10_000;
const BATCH = 100;

interface Window {
  event: AccessEvent;
  until: Millis;
  /** Repeats that have no row yet. */
  repeats: number;
}

/** Audit rows on their way to Postgres, in the storage of the object, and the throttle in front of them, in memory. */
export class AuditQueue {
  readonly #sql: SqlStorage;
  readonly #windows = new Map<string, Window>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL)");
  }

  /** Queues the event, or only counts it. False: there is nothing new to deliver. */
  add(event: AccessEvent, now: Millis): boolean {
    if (event.code === null) return this.#enqueue(event, 1, now);
    const key = this.#keyOf(event);
    const window = this.#windows.get(key);
    if (window && now < window.until) {
      window.repeats += 1;
      return false;
    }
    this.#windows.set(key, { event, until: now + FLOOD_WINDOW_MS, repeats: 0 });
    return this.#enqueue(event, 1, now);
  }

  /** Ends windows that are over; repeats become one row. */
  endWindows(now: Millis): void {
    for (const [key, { event, until, repeats }] of this.#windows) {
      if (until > now) continue;
      this.#windows.delete(key);
      if (repeats > 0) this.#enqueue(event, repeats, now);
    }
  }

  /** When the next window with repeats ends, or null. */
  get dueAt(): Millis | null {
    const ends = [...this.#windows.values()].flatMap(({ until, repeats }) => (repeats > 0 ? [until] : []));
    return ends.length > 0 ? Math.min(...ends) : null;
  }

  next(): { upTo: number; entries: AuditEntry[] } | null {
    const rows = this.#sql
      .exec<{ id: number; entry: string }>("SELECT id, entry FROM audit ORDER BY id LIMIT ?", BATCH)
      .toArray();
    const last = rows.at(-1);
    return last ? { upTo: last.id, entries: rows.map((row) => JSON.parse(row.entry) as AuditEntry) } : null;
  }

  remove(upTo: number): void {
    this.#sql.exec("DELETE FROM audit WHERE id <= ?", upTo);
  }

  #keyOf({ action, code, target, context }: AccessEvent): string {
    const name = target.type === "route" ? "" : target.id;
    const key = JSON.stringify([action, code, context.actor, context.ip, name]);
    return this.#windows.has(key) || this.#windows.size < MAX_WINDOWS ? key : "others";
  }

  #enqueue(event: AccessEvent, count: number, now: Millis): boolean {
    const { queued } = this.#sql.exec<{ queued: number }>("SELECT count(*) AS queued FROM audit").one();
    if (queued >= MAX_QUEUED) return false;
    this.#sql.exec("INSERT INTO audit (entry) VALUES (?)", JSON.stringify(toEntry(event, count, now)));
    return true;
  }
}

function toEntry(
  { action, target, organizationId = null, code, detail, context }: AccessEvent,
  count: number,
  at: Millis,
): AuditEntry {
  const after: JsonObject | null = code === null ? (detail ?? null) : { code, count };
  const { type: targetType, id: targetId } = target;
  const id = crypto.randomUUID();
  return { id, at, action, targetType, targetId, organizationId, before: null, after, context };
}
