import type { Actor, Role } from "../contract/actor.ts";
import { secretsEqual } from "./credentials.ts";

/**
 * What exists in development only. Callers branch on `process.env.NODE_ENV` itself, because the bundler does not carry
 * a constant across modules: so nothing of this file is left in a production bundle, where a test looks for the header.
 */
export const MODE_HEADER = "X-Moolai-Mode";

export const developmentAgent: Actor = {
  kind: "agent",
  name: "development",
  orchestratorId: null,
  organizations: null,
};

/** The actor of the shared development token, or null. */
export async function developmentActor(env: Env, token: string): Promise<Actor | null> {
  if (!env.DEV_BEARER_TOKEN || !(await secretsEqual(token, env.DEV_BEARER_TOKEN))) return null;
  return { kind: "user", name: "development", role: "superadmin", organizations: null };
}

/** The development login, or null. */
export async function developmentLogin(
  env: Env,
  username: string,
  password: string,
): Promise<{ username: string; role: Role; organizations: string[] | null } | null> {
  const { DEV_ADMIN_USERNAME: name, DEV_ADMIN_PASSWORD: secret } = env;
  if (!name || !secret) return null;
  // Both are compared whatever the first says: the time must not tell which one is wrong.
  const [nameFits, secretFits] = [await secretsEqual(username, name), await secretsEqual(password, secret)];
  return nameFits && secretFits ? { username: name, role: "superadmin", organizations: null } : null;
}
