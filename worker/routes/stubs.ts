import { actorName, isBound, maySee } from "../contract/actor.ts";
import type { AuditContext, CommandResult, OrchestratorDetail } from "../contract/orchestrator.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";

/** What the Durable Object knows, exact to the last beat. Unknown and foreign ids are 404 alike. */
export async function describeOrThrow(c: AppContext, orchestratorId: string): Promise<OrchestratorDetail> {
  const detail = await orchestratorOf(c.env, orchestratorId).describe();
  if (!detail || !maySee(c.get("actor"), detail.view)) throw notFound(`Orchestrator ${orchestratorId}`);
  return detail;
}

/** Before a command: an actor that is bound to organizations may only touch what it may see. */
export async function requireVisible(c: AppContext, orchestratorId: string): Promise<void> {
  if (isBound(c.get("actor"))) await describeOrThrow(c, orchestratorId);
}

/** The value of a command, or its error as an answer. */
export function unwrap<T>(result: CommandResult<T>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.code, result.message);
}

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

/** Who is bound to organizations or to one orchestrator may register nothing beyond that. */
export function assertMayRegister(c: AppContext, orchestratorId: string, organizationId: string | null): void {
  const target = { orchestratorId, organizationId: organizationId ?? orchestratorId };
  if (!maySee(c.get("actor"), target)) throw new ApiError("forbidden", "This organization is not yours to change");
}
