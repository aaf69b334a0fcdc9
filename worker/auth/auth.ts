import { DurableObject } from "cloudflare:workers";
import { canonicalName } from "../contract/people.ts";
import type { Millis } from "../contract/presence.ts";
import type {
  AccessChange,
  AccessEvent,
  ApiToken,
  ApiTokenView,
  LoginAttempt,
  LoginGate,
  LoginThrottle,
  NewSession,
  SessionView,
} from "../contract/session.ts";
import { findApiToken } from "../db/api-tokens.ts";
import { type AuditEntry, storeAudit } from "../db/audit-write.ts";
import { DatabaseUnavailable, isRefused, withDatabase } from "../db/client.ts";
import { AlarmClock } from "../platform/alarm-clock.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { openStorage } from "../platform/storage-steps.ts";
import { digestsEqual } from "../platform/tokens.ts";
import { Accounts } from "./accounts.ts";
import { AuditQueue } from "./audit-queue.ts";
import { isSessionOver, sessionExpiry, shouldTouch } from "./sessions.ts";
import { AUTH_STEPS } from "./storage.ts";
import { AuthStore } from "./store.ts";
import { judgeLogin, listThrottles } from "./throttle.ts";
import { TokenStore } from "./token-store.ts";

const PURGE_INTERVAL_MS = 15 * 60_000;
const AUDIT_RETRY_MS = 5_000;

/** Sessions, API tokens, the login throttle and the audit of access. One object, named "auth". */
export class Auth extends DurableObject<Env> {
  readonly #store: AuthStore;
  readonly #tokens: TokenStore;
  readonly #audit: AuditQueue;
  readonly #accounts: Accounts;
  readonly #alarm: AlarmClock;
  #delivering = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#alarm = new AlarmClock(ctx.storage, PURGE_INTERVAL_MS);
    const sql = openStorage(ctx.storage, AUTH_STEPS);
    this.#store = new AuthStore(sql);
    this.#tokens = new TokenStore(sql);
    this.#audit = new AuditQueue(sql);
    this.#accounts = new Accounts(env, sql);
    // A reset during a delivery may have left rows or counts without an alarm.
    const dueAt = this.#audit.next() ? Date.now() + AUDIT_RETRY_MS : this.#audit.dueAt;
    if (dueAt !== null) void ctx.blockConcurrencyWhile(() => this.#arm(dueAt));
  }

  /**
   * Admits or refuses a login. The attempt is booked as a failure in the same synchronous step, so that parallel
   * guesses cannot slip through; `openSession` takes it back.
   */
  async beginLogin({ username, address }: LoginAttempt): Promise<LoginGate> {
    const now = Date.now();
    const name = canonicalName(username);
    const verdict = judgeLogin(this.#store.failures(name, address, now), now);
    if (!verdict.ok) return verdict;
    // Booked at its turn, so that attempts that arrive until then queue behind it.
    const attemptId = this.#store.addAttempt(name, address, now + verdict.delayMs);
    await this.#arm(now + PURGE_INTERVAL_MS);
    return { ok: true, attemptId, admittedAt: now, delayMs: verdict.delayMs };
  }

  /** Accounts and addresses that are locked out or slowed down now. */
  throttles(): LoginThrottle[] {
    const now = Date.now();
    return listThrottles(this.#store.attempts(now), now);
  }

  /** Deletes the failures that an account or an address is throttled for, and returns their number. */
  liftThrottle(username: string | null, address: string): number {
    return this.#store.removeAttempts(username, address);
  }

  /** Takes back an attempt that succeeded without opening a session. */
  forgive(attemptId: number): void {
    this.#store.forgiveAttempts(attemptId);
  }

  /** Null: the person's access has changed since the login was admitted, and the login has to be tried again. */
  async openSession(session: NewSession): Promise<SessionView | null> {
    const now = Date.now();
    this.#store.noteKnown(session.attemptId, now);
    this.#store.forgiveAttempts(session.attemptId);
    if (!this.#store.addSession(session, now)) return null;
    await this.#arm(now + PURGE_INTERVAL_MS);
    const { username, role, organizations, method = "password" } = session;
    return { username, role, organizations, method, expiresAt: sessionExpiry({ openedAt: now, usedAt: now }) };
  }

  /** The session of a token digest, or null when there is none or it has ended. `isUse` restarts its idle time. */
  session(digest: string, isUse = true): SessionView | null {
    const now = Date.now();
    const session = this.#store.session(digest);
    if (!session) return null;
    if (isSessionOver(session, now)) {
      this.#store.removeSession(digest);
      return null;
    }
    if (isUse && shouldTouch(session, now)) this.#store.touchSession(digest, now);
    const { username, role, organizations, method, openedAt, usedAt } = session;
    const expiresAt = sessionExpiry({ openedAt, usedAt: isUse ? now : usedAt });
    return { username, role, organizations, method, expiresAt };
  }

  /** False: this single sign-on attempt came back before. The alarm of the login that it was admitted as deletes it. */
  claimSsoAttempt(digest: string): boolean {
    return this.#store.claimSsoAttempt(digest, Date.now());
  }

  /** The ID token by which the single sign-on provider recognizes the session to log out. */
  idTokenOf(digest: string): string | null {
    return this.#store.idTokenOf(digest);
  }

  endSession(digest: string): boolean {
    return this.#store.removeSession(digest);
  }

  /** Changes or ends the sessions of a person and refuses logins in progress. Returns the number of ended sessions. */
  async changeAccess(change: AccessChange): Promise<number> {
    const now = Date.now();
    const ended = this.#store.changeAccess(change, now);
    await this.#arm(now + PURGE_INTERVAL_MS);
    return ended;
  }

  /**
   * What the bearer of an API token may do, or null. Only a token that is presented for the first time needs Postgres:
   * "unread" when this call may not ask it.
   */
  async apiToken(
    keyId: string,
    digest: string,
    mayAskPostgres = true,
  ): Promise<ApiTokenView | "unavailable" | "unread" | null> {
    const kept = this.#tokens.find(keyId);
    if (!kept && !mayAskPostgres && !this.#tokens.isUnknown(keyId, Date.now())) return "unread";
    const token = kept ?? (await this.#loadToken(keyId));
    if (token === "unavailable") return token;
    const now = Date.now();
    if (!token || token.isRevoked || !digestsEqual(token.digest, digest)) return null;
    if (token.expiresAt !== null && token.expiresAt <= now) return null;
    const { name, scopes, organizations, expiresAt, maker } = token;
    return { name, scopes, organizations, expiresAt, maker, tellUse: this.#tokens.noteUse(keyId, now) };
  }

  /** Refuses the token from now on, whatever a later lookup in Postgres returns. */
  revokeApiToken(keyId: string): void {
    this.#tokens.revoke(keyId);
  }

  async #loadToken(keyId: string): Promise<ApiToken | "unavailable" | null> {
    if (this.#tokens.isUnknown(keyId, Date.now())) return null;
    const token = await findApiToken(this.env, keyId).catch((error: unknown) => {
      if (error instanceof DatabaseUnavailable) return "unavailable" as const;
      throw error;
    });
    if (token === "unavailable") return token;
    if (token) this.#tokens.add(token);
    else this.#tokens.addUnknown(keyId, Date.now());
    // A revocation during the lookup has stored a newer row than the one that Postgres returned.
    return this.#tokens.find(keyId);
  }

  /** Queues an event for the audit; it reaches Postgres when the database answers. */
  async note(event: AccessEvent): Promise<void> {
    const isReal = event.code !== null && (await this.#isReal(event));
    const isRow = this.#audit.add(event, isReal, Date.now());
    const { dueAt } = this.#audit;
    if (dueAt !== null) await this.#arm(dueAt);
    if (isRow) await this.#deliver();
  }

  /** Whether the tried account or orchestrator exists. Real targets are few; made-up ones could be any number. */
  async #isReal({ target, organizationId, context }: AccessEvent): Promise<boolean> {
    if (target.type === "orchestrator") return organizationId != null;
    // Refusals of a logged-in user are counted by actor, not by target.
    if (target.type !== "user" || target.id === "" || context.actor !== "anonymous") return false;
    return await this.#accounts.exists(target.id, Date.now());
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    const now = Date.now();
    const left = this.#store.purge(now);
    this.#audit.endLines(now);
    await this.#deliver();
    const { dueAt } = this.#audit;
    if (dueAt !== null) await this.#arm(dueAt);
    if (left) await this.#arm(now + PURGE_INTERVAL_MS);
  }

  /** Runs one delivery at a time; it also delivers what is queued while it runs. */
  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let batch = this.#audit.next(); batch; batch = this.#audit.next()) {
        await this.#deliverBatch(batch.entries);
        this.#audit.remove(batch.upTo);
      }
    } catch (error) {
      writeLog(this.env, "WARNING", "The access audit is waiting for the database", errorFields(error));
      await this.#arm(Date.now() + AUDIT_RETRY_MS);
    } finally {
      this.#delivering = false;
    }
  }

  /** A row that Postgres rejects for its content is dropped with a line in the log, so that it cannot block the others. */
  async #deliverBatch(entries: AuditEntry[]): Promise<void> {
    try {
      await withDatabase(this.env, (db) => storeAudit(db, entries));
    } catch (error) {
      if (!isRefused(error)) throw error;
      const [only, ...others] = entries;
      if (only && others.length === 0) {
        const lost = { action: only.action, ...errorFields(error) };
        return writeLog(this.env, "ERROR", "Postgres rejected an audit row; the row is lost", lost);
      }
      for (const entry of entries) await this.#deliverBatch([entry]);
    }
  }

  async #arm(at: Millis): Promise<void> {
    await this.#alarm.arm(at, Date.now());
  }
}
