import { authOf } from "../auth/stub.ts";
import { waitInWords } from "../contract/words.ts";
import { dropViewers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { noteAccess } from "../middleware/audit.ts";
import { networkOf } from "../middleware/caller.ts";
import { ApiError } from "../middleware/errors.ts";

/**
 * Admits or refuses a guess at a secret: a password at login or when it is changed, or a one-time link. It counts as
 * failed until `openSession` or `forgive` names it.
 */
export async function admitGuess(c: AppContext, username: string) {
  const gate = await authOf(c.env).beginLogin({ username, address: networkOf(c) });
  if (!gate.ok) {
    noteAccess(c, { action: "auth.login_throttled", target: { type: "user", id: username }, code: "rate_limited" });
    const message = `Too many failed attempts. Try again in ${waitInWords(gate.retryAfterMs)}`;
    throw new ApiError("rate_limited", message, { retryAfterSec: gate.retryAfterMs / 1000 });
  }
  if (gate.delayMs > 0) await scheduler.wait(gate.delayMs);
  return gate;
}

/** Ends the sessions of a person, except one, and closes their streams. Returns the number of sessions. */
export async function endSessionsOf(c: AppContext, username: string, except?: string): Promise<number> {
  const ended = await authOf(c.env).changeAccess({ username, access: null, ...(except !== undefined && { except }) });
  // A viewer with another session reconnects.
  await dropViewers(c.env, { user: username, comesBack: except !== undefined });
  noteAccess(c, { action: "auth.end_sessions", target: { type: "user", id: username }, code: null });
  return ended;
}
