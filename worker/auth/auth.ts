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
    // A reset in the middle of a delivery may have left rows, or a count, without an alarm.
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
    // At its turn, so that those who come meanwhile queue behind it.
    const attemptId = this.#store.addAttempt(name, address, now + verdict.delayMs);
    await this.#arm(now + PURGE_INTERVAL_MS);
    return { ok: true, attemptId, admittedAt: now, delayMs: verdict.delayMs };
  }

  /** Who is locked out or slowed down at the moment. */
  throttles(): LoginThrottle[] {
    const now = Date.now();
    return listThrottles(this.#store.attempts(now), now);
  }

  /** Forgets the failures that somebody, or an address, is throttled for; how many those were. */
  liftThrottle(username: string | null, address: string): number {
    return this.#store.removeAttempts(username, address);
  }

  /** The attempt was no guess: a success of another kind than a login. */
  forgive(attemptId: number): void {
    this.#store.forgiveAttempts(attemptId);
  }

  /** Null: what this person may do has changed meanwhile, and the login has to be tried again. */
  async openSession(session: NewSession): Promise<SessionView | null> {
    const now = Date.now();
    this.#store.noteKnown(session.attemptId, now);
    this.#store.forgiveAttempts(session.attemptId);
    if (!this.#store.addSession(session, now)) return null;
    await this.#arm(now + PURGE_INTERVAL_MS);
    const { username, role, organizations, method = "password" } = session;
    return { username, role, organizations, method, expiresAt: sessionExpiry({ openedAt: now, usedAt: now }) };
  }

  /** The session of a token digest, or null when there is none or it is over. `isUse`: it begins to be idle anew. */
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

  /** An attempt of single sign-on comes back once. It was admitted as a login, whose alarm forgets it. */
  claimSsoAttempt(digest: string): boolean {
    return this.#store.claimSsoAttempt(digest, Date.now());
  }

  /** With which the provider of single sign-on recognizes the session that it has of this person. */
  idTokenOf(digest: string): string | null {
    return this.#store.idTokenOf(digest);
  }

  endSession(digest: string): boolean {
    return this.#store.removeSession(digest);
  }

  /** Acts on the sessions of a person at once, and on logins that are under way; how many sessions were ended. */
  async changeAccess(change: AccessChange): Promise<number> {
    const now = Date.now();
    const ended = this.#store.changeAccess(change, now);
    await this.#arm(now + PURGE_INTERVAL_MS);
    return ended;
  }

  /**
   * What the bearer of an API token may do, or null. Only one that was never presented, or to older code, needs
   * Postgres: "unread" when that may not be asked.
   */
  async apiToken(
    keyId: string,
    digest: string,
    mayAskPostgres = true,
  ): Promise<ApiTokenView | "unavailable" | "unread" | null> {
    const kept = this.#tokens.find(keyId);
    const isWhole = kept && (kept.maker !== null || kept.isRevoked);
    if (!isWhole && !mayAskPostgres && !this.#tokens.isUnknown(keyId, Date.now())) return "unread";
    const loaded = isWhole ? kept : await this.#loadToken(keyId);
    const token = loaded === "unavailable" && kept ? kept : loaded;
    if (token === "unavailable") return token;
    const now = Date.now();
    if (!token || token.isRevoked || !digestsEqual(token.digest, digest)) return null;
    if (token.expiresAt !== null && token.expiresAt <= now) return null;
    const { name, scopes, organizations, expiresAt, maker } = token;
    return { name, scopes, organizations, expiresAt, maker, tellUse: this.#tokens.noteUse(keyId, now) };
  }

  /** From now on it is refused, whatever Postgres says later. */
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
    // Revoked meanwhile: that row is newer than what Postgres said.
    return this.#tokens.find(keyId);
  }

  /** Takes what belongs into the audit. It reaches Postgres once that answers. */
  async note(event: AccessEvent): Promise<void> {
    const isReal = event.code !== null && (await this.#isReal(event));
    const isRow = this.#audit.add(event, isReal, Date.now());
    const { dueAt } = this.#audit;
    if (dueAt !== null) await this.#arm(dueAt);
    if (isRow) await this.#deliver();
  }

  /** Whether what was tried exists, so that nobody can make more of them up. */
  async #isReal({ target, organizationId, context }: AccessEvent): Promise<boolean> {
    if (target.type === "orchestrator") return organizationId != null;
    // Who is logged in has lines of their own, whatever they try.
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

  /** Only one delivery at a time; what comes meanwhile, it takes along. */
  async #deliver(): Promise<void> {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let batch = this.#audit.next(); batch; batch = this.#audit.next()) {
        await this.#deliverBatch(batch.entries);
        this.#audit.remove(batch.upTo);
      }
    } catch (error) {
      writeLog(this.env, "WARNING", "The audit of access waits for the database", errorFields(error));
      await this.#arm(Date.now() + AUDIT_RETRY_MS);
    } finally {
      this.#delivering = false;
    }
  }

  /** A row that Postgres refuses for what it is must not keep the others from it: it is given up, and the log says so. */
  async #deliverBatch(entries: AuditEntry[]): Promise<void> {
    try {
      await withDatabase(this.env, (db) => storeAudit(db, entries));
    } catch (error) {
      if (!isRefused(error)) throw error;
      const [only, ...others] = entries;
      if (only && others.length === 0) {
        const lost = { action: only.action, ...errorFields(error) };
        return writeLog(this.env, "ERROR", "Postgres refused an audit row, which is lost", lost);
      }
      for (const entry of entries) await this.#deliverBatch([entry]);
    }
  }

  async #arm(at: Millis): Promise<void> {
    await this.#alarm.arm(at, Date.now());
  }
}
