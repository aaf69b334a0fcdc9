import { createMiddleware } from "hono/factory";
import type { Actor, Role } from "../contract/actor.ts";
import { settingsOf } from "../platform/settings.ts";
import type { AppEnv } from "./app-env.ts";
import { secretsEqual } from "./credentials.ts";
import { ApiError } from "./errors.ts";

/**
 * Code for development only. Callers branch on DEVELOPMENT_BUILD, so that a production bundle contains nothing of
 * this file; a test looks for the header there.
 */
export const MODE_HEADER = "X-Moolai-Mode";

/** The proxy of `npm start` sends DEV_FRONT_KEY in this header, which no web page can do. */
export const FRONT_KEY_HEADER = "X-Moolai-Front-Key";

const LOOPBACK_HOST = /^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Answers only under names of this machine. Another web page can let its own name point to 127.0.0.1 and would then
 * share the origin of the controller, which asks for no credential in development.
 */
export const requireLoopbackHost = createMiddleware<AppEnv>(async (c, next) => {
  const { developmentHosts } = settingsOf(c.env);
  const inAddress = new URL(c.req.url).host;
  const named = [inAddress, c.req.header("Host") ?? inAddress].map((host) => host.toLowerCase());
  // A host that is allowed without a port is allowed with any.
  const isAllowed = (host: string) => [host, host.replace(/:\d+$/, "")].some((name) => developmentHosts.includes(name));
  if (!named.every((host) => isLoopbackHost(host) || isAllowed(host))) {
    c.set("isRefusalNoted", true);
    throw new ApiError("host_rejected", OTHER_HOST);
  }
  // Without a key there is no proxy, as in the tests. With a key, only requests of the proxy have the Host that the
  // caller sent.
  const { DEV_FRONT_KEY: key } = c.env;
  if (key && !(await secretsEqual(c.req.header(FRONT_KEY_HEADER) ?? "", key))) {
    c.set("isRefusalNoted", true);
    throw new ApiError("host_rejected", OTHER_PORT);
  }
  await next();
});

const OTHER_PORT =
  "This port belongs to the local runtime and is not for callers. Use the address that `npm start` or `npm run dev:worker` printed.";
const OTHER_HOST =
  "In development the controller answers only under names of this machine, such as 127.0.0.1 or localhost. If this host is yours, add it to DEV_ALLOWED_HOSTS in .dev.vars.";

/** Whether a Host, with or without a port, names this machine. */
export function isLoopbackHost(host: string): boolean {
  if (!/^[^/@?#\\\s]+$/.test(host) || !URL.canParse(`http://${host}`)) return false;
  return LOOPBACK_HOST.test(new URL(`http://${host}`).hostname);
}

export const developmentAgent: Actor = {
  kind: "agent",
  name: "development",
  orchestratorId: null,
  organizations: null,
};

/** The actor of the shared development token, or null. */
export function developmentActor(env: Env, token: string): Actor | null {
  if (!env.DEV_BEARER_TOKEN || !secretsEqual(token, env.DEV_BEARER_TOKEN)) return null;
  return { kind: "user", name: "development", role: "superadmin", organizations: null };
}

/** The development login, or null. */
export function developmentLogin(
  env: Env,
  username: string,
  password: string,
): { username: string; role: Role; organizations: string[] | null } | null {
  const { DEV_ADMIN_USERNAME: name, DEV_ADMIN_PASSWORD: secret } = env;
  if (!name || !secret) return null;
  // Both are compared in any case, so that the time does not show which one is wrong.
  const [nameFits, secretFits] = [secretsEqual(username, name), secretsEqual(password, secret)];
  return nameFits && secretFits ? { username: name, role: "superadmin", organizations: null } : null;
}
