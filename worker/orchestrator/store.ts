import type { OutboundFrame } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { ActivityEntry } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import type { Place } from "../contract/timeline.ts";
import { ACTIVITY_CAPACITY } from "../contract/values/limits.ts";
import { isRepeat } from "../platform/repeats.ts";
import type { Intent } from "./intents.ts";
import { byteLength } from "./sockets.ts";
import { type OrchestratorRecord, restoredRecord } from "./state.ts";

export interface PendingIntent {
  id: number;
  intent: Intent;
  attempts: number;
  dueAt: Millis;
}

type IntentRow = { id: number; intent: string; attempts: number; due_at: number };

function toPending(row: IntentRow): PendingIntent {
  return { id: row.id, intent: JSON.parse(row.intent) as Intent, attempts: row.attempts, dueAt: row.due_at };
}

/** Numbers of ours, nearly always none: as text of the statement they cost nothing. */
function list(ids: ReadonlySet<number>): string {
  return [...ids].join(",");
}

export interface WaitingFrame {
  id: number;
  frame: OutboundFrame;
}

/** Ids of messages, and as many of usage reports, that are remembered, so that a repeated one is stored once. */
const RECEIVED_CAPACITY = 1_000;

/** Among so many of the newest, what repeats is looked for. */
const RECENT_ACTIVITY = 50;
/** So many of a kind stay by themselves. */
const ACTIVITY_SINGLY = 4;
/** The oldest go in one statement for so many new ones. */
const ACTIVITY_TRIM_EVERY = 50;

/** The SQLite of one orchestrator's object; the only place that runs SQL there. Synchronous throughout. */
export class OrchestratorStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  load(): OrchestratorRecord | null {
    const [row] = this.#sql.exec<{ body: string }>("SELECT body FROM record").toArray();
    if (!row) return null;
    return restoredRecord(JSON.parse(row.body) as OrchestratorRecord);
  }

  save(record: OrchestratorRecord): void {
    this.#sql.exec("INSERT OR REPLACE INTO record (id, body) VALUES (1, ?)", JSON.stringify(record));
  }

  /** Queues a change for Postgres and returns its number; numbers rise and are never used again. */
  enqueue(intent: Intent, dueAt: Millis): number {
    const sql = "INSERT INTO outbox (intent, due_at) VALUES (?, ?) RETURNING id";
    return this.#sql.exec<{ id: number }>(sql, JSON.stringify(intent), dueAt).one().id;
  }

  /**
   * What is queued, oldest first: at most `limit`, and no more text than `maxChars` after the first. Those of `refused`
   * are passed over until they are due.
   */
  nextIntents(limit: number, maxChars: number, refused: ReadonlySet<number>, now: Millis): PendingIntent[] {
    const next: PendingIntent[] = [];
    let chars = 0;
    const sql = `SELECT id, intent, attempts, due_at FROM outbox
      WHERE due_at <= ? OR id NOT IN (${list(refused)}) ORDER BY id LIMIT ?`;
    for (const row of this.#sql.exec<IntentRow>(sql, now, limit)) {
      chars += row.intent.length;
      if (chars > maxChars && next.length > 0) break;
      next.push(toPending(row));
    }
    return next;
  }

  /** When the oldest is due, or one of `refused` if that is earlier; null when nothing is queued. */
  dueAt(refused: ReadonlySet<number>): Millis | null {
    const sql = `SELECT min(due_at) AS due_at FROM outbox WHERE id IN (${list(refused)})
      OR id = (SELECT id FROM outbox WHERE id NOT IN (${list(refused)}) ORDER BY id LIMIT 1)`;
    return this.#sql.exec<{ due_at: number | null }>(sql).one().due_at;
  }

  lastIntent(): PendingIntent | null {
    const [row] = this.#sql
      .exec<IntentRow>("SELECT id, intent, attempts, due_at FROM outbox ORDER BY id DESC LIMIT 1")
      .toArray();
    return row ? toPending(row) : null;
  }

  queuedRegistrations(): PendingIntent[] {
    const sql = `SELECT id, intent, attempts, due_at FROM outbox WHERE json_extract(intent, '$.kind') = 'register'`;
    return this.#sql.exec<IntentRow>(sql).toArray().map(toPending);
  }

  /** Whether so many are queued. They are counted only when their numbers, of which some may be gone, reach so far. */
  holds(count: number): boolean {
    const span = "SELECT coalesce(max(id) - min(id) + 1, 0) AS length FROM outbox";
    if (this.#sql.exec<{ length: number }>(span).one().length < count) return false;
    return this.#sql.exec<{ queued: number }>("SELECT count(*) AS queued FROM outbox").one().queued >= count;
  }

  /** Whether one is queued up to the number `upTo`, other than those of `refused` that are not due. */
  waitsIntent(upTo: number, refused: ReadonlySet<number>, now: Millis): boolean {
    const sql = `SELECT 1 FROM outbox WHERE id <= ? AND (due_at <= ? OR id NOT IN (${list(refused)})) LIMIT 1`;
    return this.#sql.exec(sql, upTo, now).toArray().length > 0;
  }

  hasIntent(id: number): boolean {
    return this.#sql.exec("SELECT 1 FROM outbox WHERE id = ?", id).toArray().length > 0;
  }

  removeIntents(ids: number[]): void {
    this.#sql.exec("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(ids));
  }

  replaceIntent(id: number, intent: Intent): void {
    this.#sql.exec("UPDATE outbox SET intent = ? WHERE id = ?", JSON.stringify(intent), id);
  }

  postponeIntent(id: number, dueAt: Millis): void {
    this.#sql.exec("UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?", dueAt, id);
  }

  /** What repeats over and over is one row: the last of them, with a count. */
  addActivity({ at, type, data }: ActivityEntry): void {
    const text = JSON.stringify(data);
    const recent = this.#sql
      .exec<{ id: number; at: number; first_at: number | null; count: number }>(
        `SELECT id, at, first_at, count FROM (SELECT * FROM activity ORDER BY id DESC LIMIT ${RECENT_ACTIVITY})
         WHERE type = ? AND (data = ? OR type IN ('handshake', 'disconnect'))`,
        type,
        text,
      )
      .toArray();
    const [newest] = recent;
    const seen = recent.map((row) => ({ at: row.at, isFolded: row.count > 1 }));
    const folds = newest !== undefined && isRepeat(seen, at, ACTIVITY_SINGLY);
    if (folds) this.#sql.exec("DELETE FROM activity WHERE id = ?", newest.id);
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT INTO activity (at, type, data, first_at, count) VALUES (?, ?, ?, ?, ?) RETURNING id",
        at,
        type,
        text,
        folds ? (newest.first_at ?? newest.at) : null,
        folds ? newest.count + 1 : 1,
      )
      .one();
    if (id % ACTIVITY_TRIM_EVERY === 0) {
      this.#sql.exec(
        "DELETE FROM activity WHERE id <= (SELECT id FROM activity ORDER BY id DESC LIMIT 1 OFFSET ?)",
        ACTIVITY_CAPACITY,
      );
    }
  }

  activityCount(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM activity").one().n;
  }

  /** Newest first. */
  activity(limit: number, before: Place | null = null): ActivityEntry[] {
    const { at, n } = before ?? { at: Number.MAX_SAFE_INTEGER, n: 0 };
    return this.#sql
      .exec<{ id: number; at: number; type: string; data: string; first_at: number | null; count: number }>(
        `SELECT id, at, type, data, first_at, count FROM activity WHERE at < ?1 OR (at = ?1 AND id < ?2)
         ORDER BY at DESC, id DESC LIMIT ?3`,
        at,
        n,
        limit,
      )
      .toArray()
      .map(({ id, at, type, data, first_at, count }) => ({
        ...{ at, n: id, type, data: JSON.parse(data) as ActivityEntry["data"] },
        ...(first_at !== null && { firstAt: first_at, count }),
      }));
  }

  /** Everything that goes with a registration, the outbox excepted. */
  clear(): void {
    const tables = ["activity", "undelivered", "received", "counted_reports", "models", "snapshot"];
    for (const table of tables) this.#sql.exec(`DELETE FROM ${table}`);
  }

  /** Frames that were not sent in this session yet, oldest first, as many as fit. */
  unsent(sessionId: string, maxBytes: number): WaitingFrame[] {
    const frames: WaitingFrame[] = [];
    let bytes = 0;
    for (const row of this.#sql.exec<{ id: number; frame: string }>(
      "SELECT id, frame FROM undelivered WHERE sent_in IS NOT ? ORDER BY id",
      sessionId,
    )) {
      bytes += byteLength(row.frame);
      if (bytes > maxBytes) break;
      frames.push({ id: row.id, frame: JSON.parse(row.frame) as OutboundFrame });
    }
    return frames;
  }

  hasUnsent(sessionId: string): boolean {
    const sql = "SELECT 1 FROM undelivered WHERE sent_in IS NOT ? LIMIT 1";
    return this.#sql.exec(sql, sessionId).toArray().length > 0;
  }

  /** How many messages wait; decisions wait beside them. */
  undeliveredMessages(): number {
    return this.#sql.exec<{ count: number }>("SELECT count(message_id) AS count FROM undelivered").one().count;
  }

  /** Keeps a frame until its delivery is confirmed. `sentIn`: the session that it was sent in; null: in none yet. */
  addUndelivered(messageId: string | null, frame: OutboundFrame, sentIn: string | null): void {
    const sql = "INSERT INTO undelivered (message_id, frame, sent_in) VALUES (?, ?, ?)";
    this.#sql.exec(sql, messageId, JSON.stringify(frame), sentIn);
  }

  markSent(id: number, sessionId: string): void {
    this.#sql.exec("UPDATE undelivered SET sent_in = ? WHERE id = ?", sessionId, id);
  }

  /** Forgets what was sent in this session, which has confirmed it; the ids of the messages among it. */
  takeSent(sessionId: string): string[] {
    return this.#sql
      .exec<{ message_id: string | null }>("DELETE FROM undelivered WHERE sent_in = ? RETURNING message_id", sessionId)
      .toArray()
      .flatMap(({ message_id }) => message_id ?? []);
  }

  /** What was stored for an id that the orchestrator gave its message. */
  received(clientId: string): { messageId: string; digest: string } | null {
    const [row] = this.#sql
      .exec<{ message_id: string; digest: string }>(
        "SELECT message_id, digest FROM received WHERE client_id = ?",
        clientId,
      )
      .toArray();
    return row ? { messageId: row.message_id, digest: row.digest } : null;
  }

  addReceived(clientId: string, messageId: string, digest: string): void {
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT INTO received (client_id, message_id, digest) VALUES (?, ?, ?) RETURNING id",
        clientId,
        messageId,
        digest,
      )
      .one();
    if (id > RECEIVED_CAPACITY) this.#sql.exec("DELETE FROM received WHERE id <= ?", id - RECEIVED_CAPACITY);
  }

  /** The digest of the usage report that was counted under an id, or null when none is known. */
  countedReport(reportId: string): string | null {
    const sql = "SELECT digest FROM counted_reports WHERE report_id = ?";
    return this.#sql.exec<{ digest: string }>(sql, reportId).toArray()[0]?.digest ?? null;
  }

  addCountedReport(reportId: string, digest: string): void {
    const sql = "INSERT INTO counted_reports (report_id, digest) VALUES (?, ?) RETURNING id";
    const { id } = this.#sql.exec<{ id: number }>(sql, reportId, digest).one();
    if (id > RECEIVED_CAPACITY) this.#sql.exec("DELETE FROM counted_reports WHERE id <= ?", id - RECEIVED_CAPACITY);
  }

  saveSnapshot(data: JsonObject, at: Millis): void {
    this.#sql.exec("INSERT OR REPLACE INTO snapshot (id, at, data) VALUES (1, ?, ?)", at, JSON.stringify(data));
  }

  snapshot(): { at: Millis; data: JsonObject } | null {
    const [row] = this.#sql.exec<{ at: number; data: string }>("SELECT at, data FROM snapshot").toArray();
    return row ? { at: row.at, data: JSON.parse(row.data) as JsonObject } : null;
  }
}
