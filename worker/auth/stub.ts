import type { Millis } from "../contract/presence.ts";

/** The Durable Object that knows sessions, API tokens and failed logins. */
export function authOf(env: Env) {
  return env.AUTH.getByName("auth");
}

/** When the session of this digest is over unless it is used, or null when it is; asking is no use. */
export async function sessionEndOf(env: Env, digest: string): Promise<Millis | null> {
  return (await authOf(env).session(digest, false))?.expiresAt ?? null;
}
