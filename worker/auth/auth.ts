import { DurableObject } from "cloudflare:workers";
import { errorFields, writeLog } from "../console.ts";
import type { Millis } from "../contract/presence.ts";
import type { AccessEvent, LoginAttempt, LoginGate, NewSession, SessionView } from "../contract/session.ts";
import { storeAudit } from "../db/audit.ts";
import { withDatabase } from "../db/client.ts";
import { AuditQueue } from "./audit-queue.ts";
import { isSessionOver, sessionEnd, shouldTouch } from "./sessions.ts";
import { AuthStore } from "./store.ts";
import { judgeLogin, throttleName } from "./throttle.ts";

const PURGE_INTERVAL_MS = 15 * 60_000;
const AUDIT_RETRY_MS = 5_000;

/** Sessions, the login throttle and the audit of access. One object, named "auth". */
export class Auth extends DurableObject<Env> {
  readonly #store: AuthStore;
  readonly #audit: AuditQueue;
  #delivering = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AuthStore(ctx.storage.sql);
    this.#audit = new AuditQueue(ctx.storage.sql);
  }

  /**
   * Admits or refuses a login. The attempt is booked as a failure in the same synchronous step, so that parallel
   * guesses cannot slip through; `openSession` takes it back.
   */
  async beginLogin({ username, address }: LoginAttempt): Promise<LoginGate> {
    const now = Date.now();
    const name = throttleName(username);
    const verdict = judgeLogin(this.#store.failures(name, address, now), now);
    if (!verdict.ok) return verdict;
    const attemptId = this.#store.addAttempt(name, address, now);
    await this.#arm(now + PURGE_INTERVAL_MS);
    return { ok: true, attemptId, delayMs: verdict.delayMs };
  }

  async openSession(session: NewSession): Promise<SessionView> {
    const now = Date.now();
    this.#store.forgiveAttempts(session.attemptId);
    this.#store.addSession(session, now);
    await this.#arm(now + PURGE_INTERVAL_MS);
    const { username, role, organizations } = session;
    return { username, role, organizations, ...sessionEnd({ openedAt: now, usedAt: now }) };
  }

  /** The session of a token digest, or null when there is none or it is over. Counts as use. */
  session(digest: string): SessionView | null {
    const now = Date.now();
    const session = this.#store.session(digest);
    if (!session) return null;
    if (isSessionOver(session, now)) {
      this.#store.removeSession(digest);
      return null;
    }
    if (shouldTouch(session, now)) this.#store.touchSession(digest, now);
    const { username, role, organizations, openedAt } = session;
    return { username, role, organizations, ...sessionEnd({ openedAt, usedAt: now }) };
  }

  endSession(digest: string): boolean {
    return this.#store.removeSession(digest);
  }

  /** Takes what belongs into the audit. It reaches Postgres once that answers. */
  async note(event: AccessEvent): Promise<void> {
    const now = Date.now();
    if (this.#audit.add(event, now)) await this.#deliver();
    const { dueAt } = this.#audit;
    if (dueAt !== null) await this.#arm(dueAt);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    const left = this.#store.purge(now);
    this.#audit.endWindows(now);
    await this.#deliver();
    const { dueAt } = this.#audit;
    if (dueAt !== null) await this.#arm(dueAt);
    else if (left) await this.#arm(now + PURGE_INTERVAL_MS);
  }

  /** Only one delivery at a time; what comes meanwhile, it takes along. */
  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let batch = this.#audit.next(); batch; batch = this.#audit.next()) {
        const { entries, upTo } = batch;
        await withDatabase(this.env, (db) => storeAudit(db, entries));
        this.#audit.remove(upTo);
      }
    } catch (error) {
      writeLog(this.env, "WARNING", "The audit of access waits for the database", errorFields(error));
      await this.#arm(Date.now() + AUDIT_RETRY_MS);
    } finally {
      this.#delivering = false;
    }
  }

  /** The only caller of `setAlarm`. An alarm that is long overdue was lost with a local restart. */
  async #arm(at: Millis): Promise<void> {
    const armed = await this.ctx.storage.getAlarm();
    if (armed === null || armed > at || armed < Date.now() - PURGE_INTERVAL_MS) await this.ctx.storage.setAlarm(at);
  }
}
