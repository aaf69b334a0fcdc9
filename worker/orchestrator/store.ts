import type { OutboundFrame } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { ActivityEntry } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { QUOTA_KINDS } from "../contract/quotas.ts";
import type { RefusalReport } from "../contract/refusals.ts";
import type { Place } from "../contract/timeline.ts";
import { ACTIVITY_CAPACITY } from "../contract/values/limits.ts";
import { isRepeat } from "../platform/repeats.ts";
import { byteLength } from "./draft.ts";
import { type Credential, type MessageQuota, newRecord, type OrchestratorRecord } from "./state.ts";
import { type Contest, NO_CONTEST } from "./takeover.ts";
import type { Effect, Rows } from "./turn.ts";

/** Ids of messages, and as many of usage reports, that are kept, so that a repeated one is stored once. */
const RECEIVED_CAPACITY = 1_000;
/** Among so many of the newest, repeats are looked for. */
const RECENT_ACTIVITY = 50;
/** So many of a kind stay by themselves. */
const ACTIVITY_SINGLY = 4;
/** The oldest are deleted in one statement for so many new ones. */
const ACTIVITY_TRIM_EVERY = 50;
/** Tokens that are listed; the valid ones among them are two at most. */
const CREDENTIALS_KEPT = 20;
/** A refused machine may knock every second; what its knocks add is written at most this often. */
const CONTEST_INTERVAL_MS = 10_000;

/** Effects that are rows of this store. */
export type RowEffect = Extract<
  Effect,
  {
    kind:
      | ("activity" | "clear" | "confirmed" | "counted" | "credentials" | "keep" | "mark_sent" | "models")
      | ("received" | "snapshot");
  }
>;

/** The rows of one orchestrator's object, except its outbox. Synchronous throughout. */
export class Store implements Rows {
  readonly #sql: SqlStorage;
  #contest = JSON.stringify(NO_CONTEST);
  #contestAt: Millis = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  #first<T extends Record<string, SqlStorageValue>>(query: string, ...bindings: SqlStorageValue[]): T | undefined {
    return this.#sql.exec<T>(query, ...bindings).toArray()[0];
  }

  #count(query: string, ...bindings: SqlStorageValue[]): number {
    return this.#first<{ n: number }>(query, ...bindings)?.n ?? 0;
  }

  // --- The state --------------------------------------------------------------------------------------------------

  record(): OrchestratorRecord | null {
    const row = this.#first<{ body: string }>("SELECT body FROM record");
    if (!row) return null;
    const stored = JSON.parse(row.body) as OrchestratorRecord;
    return { ...newRecord(stored.orchestratorId, stored.organizationId, 0), ...stored };
  }

  saveRecord(record: OrchestratorRecord): void {
    this.#sql.exec("INSERT OR REPLACE INTO record (id, body) VALUES (1, ?)", JSON.stringify(record));
  }

  contest(): Contest {
    this.#contest = this.#first<{ body: string }>("SELECT body FROM contest")?.body ?? this.#contest;
    return { ...NO_CONTEST, ...(JSON.parse(this.#contest) as Contest) };
  }

  saveContest(contest: Contest, now: Millis, isRefusal: boolean): void {
    if (isRefusal && now - this.#contestAt < CONTEST_INTERVAL_MS) return;
    const body = JSON.stringify(contest);
    if (body === this.#contest) return;
    this.#sql.exec("INSERT OR REPLACE INTO contest (id, body) VALUES (1, ?)", body);
    this.#contest = body;
    this.#contestAt = now;
  }

  messageQuota(): MessageQuota {
    const row = this.#first<{ reached: string; known_at: number }>("SELECT reached, known_at FROM message_quota");
    const reached = QUOTA_KINDS.find((kind) => kind === row?.reached) ?? null;
    return { reached, knownAt: row?.known_at ?? 0, isAsked: false };
  }

  saveMessageQuota({ reached, knownAt }: MessageQuota): void {
    const sql = "INSERT OR REPLACE INTO message_quota (id, reached, known_at) VALUES (1, ?, ?)";
    if (reached === null) this.#sql.exec("DELETE FROM message_quota");
    else this.#sql.exec(sql, reached, knownAt);
  }

  untoldRefusals(): Map<string, RefusalReport> {
    const rows = this.#sql.exec<{ key: string; report: string }>("SELECT key, report FROM untold_refusals").toArray();
    return new Map(rows.map(({ key, report }) => [key, JSON.parse(report) as RefusalReport]));
  }

  saveRefusal(key: string, report: RefusalReport): void {
    const sql = "INSERT OR REPLACE INTO untold_refusals (key, report) VALUES (?, ?)";
    this.#sql.exec(sql, key, JSON.stringify(report));
  }

  replaceRefusals(untold: Map<string, RefusalReport>): void {
    this.#sql.exec("DELETE FROM untold_refusals");
    for (const [key, report] of untold) this.saveRefusal(key, report);
  }

  // --- What decisions and views read ------------------------------------------------------------------------------

  /** Oldest first. */
  credentials(): Credential[] {
    const columns = `key_id AS keyId, digest, label, created_by AS createdBy, created_at AS createdAt,
      lifetime_ms AS lifetimeMs, expires_at AS expiresAt, revoked_at AS revokedAt, first_used_at AS firstUsedAt`;
    return this.#sql.exec(`SELECT ${columns} FROM credentials ORDER BY id`).toArray() as unknown as Credential[];
  }

  lastActivity(): ActivityEntry | undefined {
    return this.activity(1)[0];
  }

  undeliveredMessages(): number {
    return this.#count("SELECT count(message_id) AS n FROM undelivered");
  }

  unsent(sessionId: string, maxBytes: number): { frames: { id: number; frame: OutboundFrame }[]; isCut: boolean } {
    const frames: { id: number; frame: OutboundFrame }[] = [];
    let bytes = 0;
    const sql = "SELECT id, frame FROM undelivered WHERE sent_in IS NOT ? ORDER BY id";
    for (const row of this.#sql.exec<{ id: number; frame: string }>(sql, sessionId)) {
      bytes += byteLength(row.frame);
      if (bytes > maxBytes) return { frames, isCut: true };
      frames.push({ id: row.id, frame: JSON.parse(row.frame) as OutboundFrame });
    }
    return { frames, isCut: false };
  }

  sentIn(sessionId: string): string[] {
    const sql = "SELECT message_id FROM undelivered WHERE sent_in = ? AND message_id IS NOT NULL ORDER BY id";
    return this.#sql
      .exec<{ message_id: string }>(sql, sessionId)
      .toArray()
      .map(({ message_id }) => message_id);
  }

  received(clientId: string): { messageId: string; digest: string } | null {
    const sql = "SELECT message_id AS messageId, digest FROM received WHERE client_id = ?";
    return this.#first<{ messageId: string; digest: string }>(sql, clientId) ?? null;
  }

  countedReport(reportId: string): string | null {
    const sql = "SELECT digest FROM counted_reports WHERE report_id = ?";
    return this.#first<{ digest: string }>(sql, reportId)?.digest ?? null;
  }

  modelDay(name: string): number | null {
    return this.#first<{ day: number }>("SELECT day FROM models WHERE name = ?", name)?.day ?? null;
  }

  modelsSince(day: number): number {
    return this.#count("SELECT count(*) AS n FROM models WHERE day >= ?", day);
  }

  activityCount(): number {
    return this.#count("SELECT count(*) AS n FROM activity");
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

  snapshot(): { at: Millis; data: JsonObject } | null {
    const row = this.#first<{ at: number; data: string }>("SELECT at, data FROM snapshot");
    return row ? { at: row.at, data: JSON.parse(row.data) as JsonObject } : null;
  }

  // --- What turns write -------------------------------------------------------------------------------------------

  write(effect: RowEffect, now: Millis): void {
    const sql = this.#sql;
    switch (effect.kind) {
      case "activity":
        this.#addActivity(now, effect.type, JSON.stringify(effect.data));
        break;
      case "clear": {
        const tables = ["activity", "undelivered", "received", "counted_reports", "models", "snapshot"];
        if (effect.withCredentials) tables.push("credentials");
        for (const table of tables) sql.exec(`DELETE FROM ${table}`);
        break;
      }
      case "confirmed":
        sql.exec("DELETE FROM undelivered WHERE sent_in = ?", effect.sessionId);
        break;
      case "counted":
        this.#addBounded("counted_reports", "report_id, digest", effect.reportId, effect.digest);
        break;
      case "credentials":
        this.#saveCredentials(effect.changed, now);
        break;
      case "keep": {
        const insert = "INSERT INTO undelivered (message_id, frame, sent_in) VALUES (?, ?, ?)";
        sql.exec(insert, effect.messageId, JSON.stringify(effect.frame), effect.sentIn);
        break;
      }
      case "mark_sent": {
        const update = "UPDATE undelivered SET sent_in = ? WHERE id IN (SELECT value FROM json_each(?))";
        sql.exec(update, effect.sessionId, JSON.stringify(effect.ids));
        break;
      }
      case "models": {
        const { names, today, forgetBefore } = effect;
        if (forgetBefore > 0) sql.exec("DELETE FROM models WHERE day < ?", forgetBefore);
        for (const name of names) sql.exec("INSERT OR REPLACE INTO models (name, day) VALUES (?, ?)", name, today);
        break;
      }
      case "received": {
        const { clientId, messageId, digest } = effect;
        this.#addBounded("received", "client_id, message_id, digest", clientId, messageId, digest);
        break;
      }
      case "snapshot": {
        const insert = "INSERT OR REPLACE INTO snapshot (id, at, data) VALUES (1, ?, ?)";
        sql.exec(insert, now, JSON.stringify(effect.data));
        break;
      }
    }
  }

  #addBounded(table: "received" | "counted_reports", columns: string, ...values: string[]): void {
    const places = values.map(() => "?").join(", ");
    const newest = this.#count(`INSERT INTO ${table} (${columns}) VALUES (${places}) RETURNING id AS n`, ...values);
    if (newest > RECEIVED_CAPACITY) this.#sql.exec(`DELETE FROM ${table} WHERE id <= ?`, newest - RECEIVED_CAPACITY);
  }

  #saveCredentials(credentials: Credential[], now: Millis): void {
    for (const each of credentials) {
      this.#sql.exec(
        `INSERT INTO credentials (key_id, digest, label, created_by, created_at, lifetime_ms, expires_at, revoked_at, first_used_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO UPDATE SET
         expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, first_used_at = excluded.first_used_at`,
        ...[each.keyId, each.digest, each.label, each.createdBy, each.createdAt],
        ...[each.lifetimeMs, each.expiresAt, each.revokedAt, each.firstUsedAt],
      );
    }
    this.#sql.exec(
      `DELETE FROM credentials WHERE id NOT IN (SELECT id FROM credentials
       ORDER BY revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?) DESC, id DESC LIMIT ?)`,
      now,
      CREDENTIALS_KEPT,
    );
  }

  /** An event that repeats over and over is one row: the last of them, with a count. */
  #addActivity(at: Millis, type: string, data: string): void {
    const recent = this.#sql
      .exec<{ id: number; at: number; first_at: number | null; count: number }>(
        `SELECT id, at, first_at, count FROM (SELECT * FROM activity ORDER BY id DESC LIMIT ${RECENT_ACTIVITY})
         WHERE type = ? AND (data = ? OR type IN ('handshake', 'disconnect'))`,
        type,
        data,
      )
      .toArray();
    const [newest] = recent;
    const seen = recent.map((row) => ({ at: row.at, isFolded: row.count > 1 }));
    const folds = newest !== undefined && isRepeat(seen, at, ACTIVITY_SINGLY);
    if (folds) this.#sql.exec("DELETE FROM activity WHERE id = ?", newest.id);
    const firstAt = folds ? (newest.first_at ?? newest.at) : null;
    const insert = "INSERT INTO activity (at, type, data, first_at, count) VALUES (?, ?, ?, ?, ?) RETURNING id AS n";
    const id = this.#count(insert, at, type, data, firstAt, folds ? newest.count + 1 : 1);
    if (id % ACTIVITY_TRIM_EVERY !== 0) return;
    const oldest = "SELECT id FROM activity ORDER BY id DESC LIMIT 1 OFFSET ?";
    this.#sql.exec(`DELETE FROM activity WHERE id <= (${oldest})`, ACTIVITY_CAPACITY);
  }
}
