import type { Names } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { storeAgentTokens } from "../db/agent-tokens.ts";
import { storeAudit } from "../db/audit-write.ts";
import { type Database, DatabaseUnavailable, isRefused, withDatabase } from "../db/client.ts";
import {
  decideMessage,
  type MessageTotals,
  markDelivered,
  readMessageTotals,
  storeMessages,
} from "../db/messages-write.ts";
import { applyPresence } from "../db/presence.ts";
import {
  findRegistration,
  type RegistrationOutcome,
  storeDeregistration,
  storeRegistration,
} from "../db/registration.ts";
import { storeUsage } from "../db/usage.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import {
  companionsOf,
  type DeliveryOutcome,
  type Intent,
  mayBePassed,
  type PendingIntent,
  withEarlierChanges,
  withoutNames,
} from "./intents.ts";

/** An inline delivery has ended by next: one database call takes at most 5 s. */
export const SAFETY_NET_MS = 10_000;
const PROFILE_PAUSE_MS = 1_000;
/** What one statement may carry. */
const MAX_BATCH = 200;
const MAX_BATCH_CHARS = 1_000_000;
/** Hours of reports; about 80 MB of the largest messages. */
const MAX_QUEUED = 5_000;

type IntentRow = { id: number; intent: string; attempts: number; due_at: number };

const COLUMNS = "id, intent, attempts, due_at";

function toPending(row: IntentRow): PendingIntent {
  return { id: row.id, intent: JSON.parse(row.intent) as Intent, attempts: row.attempts, dueAt: row.due_at };
}

interface Delivery {
  /** The intents that Postgres has now. */
  done: ReadonlySet<number>;
  /** Whether the rest of the queue may go on; otherwise its first intent has to wait for the alarm. */
  goesOn: boolean;
}

/** Decides what Postgres' answer means: another intent to try at once in place of this one, or that it is done. */
type Settle = (intent: Intent, outcome: DeliveryOutcome) => { next: Intent | null; isConflict: boolean };

/**
 * Delivers the queued intents of one orchestrator to Postgres: in order, one statement at a time, and messages that
 * queued up meanwhile together in the next one.
 */
export class Outbox {
  readonly #sql: SqlStorage;
  readonly #env: Env;
  readonly #orchestratorId: string;
  readonly #settle: Settle;
  #running: Promise<Delivery> | null = null;
  #deliveringId: number | null = null;
  /** Messages and usage whose values Postgres refused. Others pass them, until they are due again. */
  readonly #refused = new Set<number>();
  /** Registrations that Postgres refused, because the id belongs to another organization. */
  readonly #conflicts = new Set<number>();
  /** Up to here messages go one by one, because one of them made their batch fail. */
  #singlyUpTo = 0;

  constructor(sql: SqlStorage, env: Env, orchestratorId: string, settle: Settle) {
    this.#sql = sql;
    this.#env = env;
    this.#orchestratorId = orchestratorId;
    this.#settle = settle;
  }

  /** When the alarm should try, or null when nothing is queued: the oldest, or a refused one if that is due earlier. */
  get dueAt(): Millis | null {
    const refused = this.#refusedIds;
    const sql = `SELECT min(due_at) AS due_at FROM outbox WHERE id IN (${refused})
      OR id = (SELECT id FROM outbox WHERE id NOT IN (${refused}) ORDER BY id LIMIT 1)`;
    return this.#sql.exec<{ due_at: number | null }>(sql).one().due_at;
  }

  /**
   * While Postgres is away an orchestrator may not fill the storage with what it sends. The intents are counted only when
   * their numbers, of which some may be gone, reach as far as the limit.
   */
  get isFull(): boolean {
    const span = "SELECT coalesce(max(id) - min(id) + 1, 0) AS length FROM outbox";
    if (this.#sql.exec<{ length: number }>(span).one().length < MAX_QUEUED) return false;
    return this.#sql.exec<{ queued: number }>("SELECT count(*) AS queued FROM outbox").one().queued >= MAX_QUEUED;
  }

  /** Queues a change that is delivered inline; the alarm is its safety net when that is cut off. Returns its number. */
  enqueue(intent: Intent, now: Millis): number {
    return this.#insert(intent, now + SAFETY_NET_MS);
  }

  /** Queues what an orchestrator reports about itself, in place of what waits already: at most one statement a second. */
  enqueueProfile(intent: Intent, now: Millis): void {
    const last = this.#last();
    const waits = last?.intent.kind === "register" && last.intent.source === "handshake";
    if (last && waits && last.id !== this.#deliveringId) {
      this.#replace(last.id, withEarlierChanges(intent, last.intent));
    } else this.#insert(intent, now + PROFILE_PAUSE_MS);
  }

  /** Somebody has set these names, and Postgres has them: what waits must not set older ones. */
  yieldNames(names: Names): void {
    const sql = `SELECT ${COLUMNS} FROM outbox WHERE json_extract(intent, '$.kind') = 'register'`;
    for (const { id, intent } of this.#sql.exec<IntentRow>(sql).toArray().map(toPending)) {
      this.#replace(id, withoutNames(intent, names));
    }
  }

  /** Whether Postgres refused this registration, because the id belongs to another organization. Says so once. */
  takeConflict(id: number): boolean {
    return this.#conflicts.delete(id);
  }

  /**
   * Tries to deliver what is queued up to the intent `id`, or everything. True when it is delivered; false: the alarm
   * will finish it.
   */
  async drain(id?: number): Promise<boolean> {
    const upTo = id ?? this.#last()?.id ?? 0;
    while (this.#waits(upTo)) {
      const { done, goesOn } = await this.#step();
      if (id !== undefined && done.has(id)) return true;
      if (!goesOn) break;
    }
    if (id === undefined) return !this.#waits(upTo);
    return this.#sql.exec("SELECT 1 FROM outbox WHERE id = ?", id).toArray().length === 0;
  }

  /** Numbers of ours, nearly always none: as text of the statement they cost nothing. */
  get #refusedIds(): string {
    return [...this.#refused].join(",");
  }

  #insert(intent: Intent, dueAt: Millis): number {
    const sql = "INSERT INTO outbox (intent, due_at) VALUES (?, ?) RETURNING id";
    return this.#sql.exec<{ id: number }>(sql, JSON.stringify(intent), dueAt).one().id;
  }

  #replace(id: number, intent: Intent): void {
    this.#sql.exec("UPDATE outbox SET intent = ? WHERE id = ?", JSON.stringify(intent), id);
  }

  #last(): PendingIntent | null {
    const [row] = this.#sql.exec<IntentRow>(`SELECT ${COLUMNS} FROM outbox ORDER BY id DESC LIMIT 1`).toArray();
    return row ? toPending(row) : null;
  }

  /** Whether one is queued up to the number `upTo`, other than refused ones that are not due. */
  #waits(upTo: number): boolean {
    const sql = `SELECT 1 FROM outbox WHERE id <= ? AND (due_at <= ? OR id NOT IN (${this.#refusedIds})) LIMIT 1`;
    return this.#sql.exec(sql, upTo, Date.now()).toArray().length > 0;
  }

  /** What is queued, oldest first, as much as one statement may carry. Refused ones are passed over until they are due. */
  #next(): PendingIntent[] {
    const next: PendingIntent[] = [];
    let chars = 0;
    const sql = `SELECT ${COLUMNS} FROM outbox WHERE due_at <= ? OR id NOT IN (${this.#refusedIds}) ORDER BY id LIMIT ?`;
    for (const row of this.#sql.exec<IntentRow>(sql, Date.now(), MAX_BATCH)) {
      chars += row.intent.length;
      if (chars > MAX_BATCH_CHARS && next.length > 0) break;
      next.push(toPending(row));
    }
    return next;
  }

  /** One statement, the same for all who wait. */
  async #step(): Promise<Delivery> {
    this.#running ??= this.#deliverNext().finally(() => {
      this.#running = null;
      this.#deliveringId = null;
    });
    return await this.#running;
  }

  async #deliverNext(): Promise<Delivery> {
    const [first, ...rest] = this.#next();
    if (!first) return { done: new Set(), goesOn: true };
    const companions = first.id <= this.#singlyUpTo ? [] : companionsOf(first, rest);
    const batch = [first, ...companions];
    this.#deliveringId = first.id;
    this.#refused.delete(first.id);
    try {
      const intents = companions.map(({ intent }) => intent);
      const outcome = await withDatabase(this.#env, (db) => deliver(db, this.#orchestratorId, first.intent, intents));
      return { done: this.#finish(batch, outcome), goesOn: true };
    } catch (error) {
      return { done: new Set(), goesOn: this.#fail(first, batch, error) };
    }
  }

  #finish(batch: PendingIntent[], outcome: DeliveryOutcome): Set<number> {
    const done = new Set<number>();
    for (const { id, intent } of batch) {
      const { next, isConflict } = this.#settle(intent, outcome);
      if (next) this.#replace(id, next);
      else done.add(id);
      if (isConflict) this.#conflicts.add(id);
    }
    const sql = "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))";
    this.#sql.exec(sql, JSON.stringify([...done]));
    return done;
  }

  /** Decides what a failure means for the rest of the queue: true when it may go on. */
  #fail(first: PendingIntent, batch: PendingIntent[], error: unknown): boolean {
    if (batch.length > 1 && isRefused(error)) {
      this.#singlyUpTo = batch.at(-1)?.id ?? 0;
      return true;
    }
    const dueAt = Date.now() + retryDelayMs(first.attempts);
    this.#sql.exec("UPDATE outbox SET attempts = attempts + 1, due_at = ? WHERE id = ?", dueAt, first.id);
    if (!(error instanceof DatabaseUnavailable)) {
      const message = `Postgres refused a ${first.intent.kind} of ${this.#orchestratorId}`;
      writeLog(this.#env, "ERROR", message, errorFields(error));
    }
    if (!mayBePassed(first.intent) || !isRefused(error)) return false;
    this.#refused.add(first.id);
    return true;
  }
}

// --- The statements of one intent ------------------------------------------------------------------------------------

const APPLIED: DeliveryOutcome = { outcome: "applied", generation: 0 };

/** Gives Postgres one intent, and messages together with their `companions`. Idempotent. */
export async function deliver(
  db: Database,
  orchestratorId: string,
  intent: Intent,
  companions: Intent[],
): Promise<DeliveryOutcome> {
  switch (intent.kind) {
    case "register": {
      const { audit, kind: _, ...row } = intent;
      return await storeRegistration(db, { orchestratorId, ...row }, audit);
    }
    case "deregister":
      return await storeDeregistration(db, { orchestratorId, ...intent }, intent.audit);
    case "presence":
      await applyPresence(db, [intent.view], intent.audit);
      return APPLIED;
    case "message": {
      const messages = [intent, ...companions].filter((each) => each.kind === "message");
      return { ...APPLIED, totals: await storeMessages(db, orchestratorId, messages) };
    }
    case "delivered":
      await markDelivered(db, intent.messageIds, intent.at);
      return APPLIED;
    case "decision": {
      const { messageId: id, status } = intent.decision;
      await decideMessage(db, { id, status, actor: intent.actor, organizations: null, orchestratorId }, intent.audit);
      return APPLIED;
    }
    case "usage":
      return { ...APPLIED, usage: await storeUsage(db, orchestratorId, intent.report) };
    case "credential":
      await storeAgentTokens(db, orchestratorId, intent.tokens, intent.audit);
      return APPLIED;
    case "audit":
      await storeAudit(db, intent.audit);
      return APPLIED;
  }
}

/** What Postgres has stored of this id; null: nothing. */
export async function lookUp(env: Env, orchestratorId: string): Promise<RegistrationOutcome | "unavailable" | null> {
  try {
    return await withDatabase(env, (db) => findRegistration(db, orchestratorId));
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return "unavailable";
    throw error;
  }
}

/** How many messages the organization of this orchestrator has; null: Postgres does not answer. */
export async function countMessages(env: Env, orchestratorId: string): Promise<MessageTotals | null> {
  return await withDatabase(env, (db) => readMessageTotals(db, orchestratorId)).catch(() => null);
}

const FIRST_RETRY_MS = 1_000;
/** Presence is right within 30 s of the database's return, a last attempt of 5 s included. */
const LONGEST_RETRY_MS = 15_000;

/** How long to wait after `attempts` failures: doubling from 1 s to 15 s. */
export function retryDelayMs(attempts: number): Millis {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10));
}
