import type { JsonObject } from "../contract/json.ts";
import type { Millis } from "../contract/presence.ts";
import type { AccessEvent } from "../contract/session.ts";
import type { AuditEntry } from "../db/audit-write.ts";
import { countRefusal, dayOf, dueAt, endLines, type Line, type Row } from "./refusal-lines.ts";

/** When this many rows wait for Postgres, further refusals are only counted. */
const MAX_QUEUED = 10_000;
const BATCH = 100;

/** Audit rows that wait for Postgres, and the counts of refusals that will become rows: all stored in the object. */
export class AuditQueue {
  readonly #sql: SqlStorage;
  readonly #lines: LineStore;
  /** The day (UTC) whose lines these are. */
  #day = 0;
  /** The number of waiting rows. Counted once and kept up to date, because every refusal compares it with the limit. */
  #queued: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#queued = sql.exec<{ queued: number }>("SELECT count(*) AS queued FROM audit").one().queued;
    this.#lines = new LineStore(sql);
  }

  /** Queues a completed action; counts a refusal, and queues it when its line is due. False: there is nothing to deliver. */
  add(event: AccessEvent, isReal: boolean, now: Millis): boolean {
    if (event.code === null) {
      this.#enqueue(doneEntry(event, now));
      return true;
    }
    if (dayOf(now) !== this.#day) this.endLines(now);
    const refusal = { event, count: event.count ?? 1, isReal };
    const { line, row } = countRefusal(this.#lines.all, refusal, now, { isFull: this.#isFull() });
    this.#lines.save(line);
    if (row) this.#enqueue(refusalEntry(row, now));
    return row !== null;
  }

  /** Turns the counts that are due into rows. */
  endLines(now: Millis): void {
    if (this.#isFull()) return;
    const { changed, over, rows } = endLines(this.#lines.all, now);
    for (const line of changed) this.#lines.save(line);
    for (const key of over) this.#lines.remove(key);
    for (const row of rows) this.#enqueue(refusalEntry(row, now));
    this.#day = dayOf(now);
  }

  /** When the next count is due, or null. */
  get dueAt(): Millis | null {
    if (this.#isFull()) return null;
    const due = [...this.#lines.all.values()].map(dueAt).filter((at) => at !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  next(): { upTo: number; entries: AuditEntry[] } | null {
    const rows = this.#sql
      .exec<{ id: number; entry: string }>("SELECT id, entry FROM audit ORDER BY id LIMIT ?", BATCH)
      .toArray();
    const last = rows.at(-1);
    return last ? { upTo: last.id, entries: rows.map((row) => JSON.parse(row.entry) as AuditEntry) } : null;
  }

  remove(upTo: number): void {
    this.#queued -= this.#sql.exec("DELETE FROM audit WHERE id <= ? RETURNING id", upTo).toArray().length;
  }

  #isFull(): boolean {
    return this.#queued >= MAX_QUEUED;
  }

  #enqueue(entry: AuditEntry): void {
    this.#sql.exec("INSERT INTO audit (entry) VALUES (?)", JSON.stringify(entry));
    this.#queued += 1;
  }
}

function doneEntry(event: AccessEvent, at: Millis): AuditEntry {
  return entryOf(event, event.detail ?? null, at);
}

function refusalEntry({ event, count, addresses, folded }: Row, at: Millis): AuditEntry {
  const several = { ...(folded !== null && { folded }), ...(addresses !== null && { addresses }) };
  return entryOf(event, { code: event.code, count, ...several }, at);
}

function entryOf(
  { action, target, organizationId = null, context }: AccessEvent,
  after: JsonObject | null,
  at: Millis,
) {
  const { type: targetType, id: targetId } = target;
  const id = crypto.randomUUID();
  return { id, at, action, targetType, targetId, organizationId, before: null, after, context };
}

/** The lines of refusals: in memory for lookups, and in rows, so that a reset loses no count. */
class LineStore {
  readonly #sql: SqlStorage;
  readonly #lines = new Map<string, Line>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const row of sql.exec<{ line: string }>("SELECT line FROM refusal_lines")) {
      const line = JSON.parse(row.line) as Line;
      this.#lines.set(line.key, line);
    }
  }

  get all(): ReadonlyMap<string, Line> {
    return this.#lines;
  }

  save(line: Line): void {
    this.#lines.set(line.key, line);
    this.#sql.exec("INSERT OR REPLACE INTO refusal_lines (key, line) VALUES (?, ?)", line.key, JSON.stringify(line));
  }

  remove(key: string): void {
    this.#lines.delete(key);
    this.#sql.exec("DELETE FROM refusal_lines WHERE key = ?", key);
  }
}
