import type { Millis } from "../contract/presence.ts";

/** The Durable Object that holds sessions, API tokens and failed logins. */
export function authOf(env: Env) {
  return env.AUTH.getByName("auth");
}

/** When the session of this digest ends unless it is used, or null when it has ended. This lookup does not count as use. */
export async function sessionEndOf(env: Env, digest: string): Promise<Millis | null> {
  return (await authOf(env).session(digest, false))?.expiresAt ?? null;
}
