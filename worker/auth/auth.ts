import { DurableObject } from "cloudflare:workers";
import type { Millis } from "../contract/presence.ts";
import type { LoginAttempt, LoginGate, NewSession, SessionView } from "../contract/session.ts";
import { isSessionOver, sessionExpiry, shouldTouch } from "./sessions.ts";
import { AuthStore } from "./store.ts";
import { judgeLogin, throttleName } from "./throttle.ts";

const PURGE_INTERVAL_MS = 15 * 60_000;

/** Sessions and the login throttle. One object, named "auth". */
export class Auth extends DurableObject<Env> {
  readonly #store: AuthStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AuthStore(ctx.storage.sql);
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
    await this.#armPurge(now);
    return { ok: true, attemptId, delayMs: verdict.delayMs };
  }

  async openSession(session: NewSession): Promise<SessionView> {
    const now = Date.now();
    this.#store.forgiveAttempts(session.attemptId);
    this.#store.addSession(session, now);
    await this.#armPurge(now);
    const { username, role, organizations } = session;
    return { username, role, organizations, expiresAt: sessionExpiry({ openedAt: now, usedAt: now }) };
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
    return { username, role, organizations, expiresAt: sessionExpiry({ openedAt, usedAt: now }) };
  }

  endSession(digest: string): boolean {
    return this.#store.removeSession(digest);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    if (this.#store.purge(now)) await this.#armPurge(now);
  }

  /** The only caller of `setAlarm`. An alarm that is long overdue was lost with a local restart. */
  async #armPurge(now: Millis): Promise<void> {
    const armed = await this.ctx.storage.getAlarm();
    if (armed === null || armed < now - PURGE_INTERVAL_MS) await this.ctx.storage.setAlarm(now + PURGE_INTERVAL_MS);
  }
}
