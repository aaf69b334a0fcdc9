import { env } from "cloudflare:workers";
import type { Role } from "../../worker/contract/actor.ts";
import { digestOf, newSessionToken } from "../../worker/middleware/credentials.ts";

/** The bearer token of a session of somebody with this role, bound to these organizations, or to none. */
export async function sessionOf(role: Role, organizations: string[] | null): Promise<string> {
  const token = newSessionToken();
  const digest = digestOf(token);
  // After whatever has just changed for somebody of this name.
  const session = { digest, attemptId: 0, admittedAt: Date.now() + 1, username: role, role, organizations };
  await env.AUTH.getByName("auth").openSession(session);
  return token;
}
