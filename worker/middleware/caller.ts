import { actorName } from "../contract/actor.ts";
import type { AuditContext } from "../contract/orchestrator.ts";
import type { AppContext } from "./app-env.ts";

const MAX_USER_AGENT = 512;

/** Who asked for a change, for the audit row. */
export function auditOf(c: AppContext): AuditContext {
  return {
    actor: actorName(c.get("actor")),
    ip: addressOf(c),
    userAgent: c.req.header("User-Agent")?.slice(0, MAX_USER_AGENT) ?? null,
    requestId: c.get("requestId"),
  };
}

/** Forgeable outside Cloudflare, hence for throttling and audit only. */
export function addressOf(c: AppContext): string | null {
  return c.req.header("CF-Connecting-IP")?.slice(0, 64) ?? null;
}
