import { isBound, maySee, organizationsOf } from "../contract/actor.ts";
import type { Dropped } from "../contract/cleaning.ts";
import type { CommandResult, DescribeOptions, OrchestratorDetail } from "../contract/orchestrator.ts";
import { DatabaseUnavailable } from "../db/client.ts";
import { findInstance, type InstanceRow, visibleIds } from "../db/instances.ts";
import { ownMembers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { noteForeignAgent } from "../middleware/refused-agents.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";

/**
 * Those of these orchestrators whose objects may be asked for this actor. An object that has never been used takes longer to
 * answer than that of another organization, so an actor that is bound to organizations learns from neither. While Postgres
 * is away, ids that only Postgres could confirm fail the call or are omitted.
 */
export async function askable(c: AppContext, ids: string[], whileAway: "throw" | "omit" = "throw"): Promise<string[]> {
  const actor = c.get("actor");
  if (actor.kind === "agent") return ids.filter((id) => actor.orchestratorId === null || actor.orchestratorId === id);
  const organizations = organizationsOf(actor);
  if (organizations === null) return ids;
  const own = new Set(await ownMembers(c.env, ids, organizations));
  const others = ids.filter((id) => !own.has(id));
  // A shard that was moved or reset may not have received the reports of all its members yet.
  const stored = new Set(others.length > 0 ? await storedIds(c, others, whileAway) : []);
  return ids.filter((id) => own.has(id) || stored.has(id));
}

async function storedIds(c: AppContext, ids: string[], whileAway: "throw" | "omit"): Promise<string[]> {
  try {
    return await visibleIds(c.env, c.get("actor"), ids);
  } catch (error) {
    if (whileAway === "omit" && error instanceof DatabaseUnavailable) return [];
    throw error;
  }
}

/** What the Durable Object holds, exact to the last beat. Unknown and foreign ids are 404 alike. */
export async function describeOrThrow(
  c: AppContext,
  orchestratorId: string,
  options?: DescribeOptions,
): Promise<OrchestratorDetail> {
  const [id] = await askable(c, [orchestratorId]);
  const detail = id === undefined ? null : await orchestratorOf(c.env, id).describe(options);
  if (!detail || !maySee(c.get("actor"), detail.view)) {
    noteForeignAgent(c, orchestratorId);
    throw notFound(`Orchestrator ${orchestratorId}`);
  }
  return detail;
}

/** Refuses a command on an orchestrator that the actor may not see. */
export async function requireVisible(c: AppContext, orchestratorId: string): Promise<void> {
  if (isBound(c.get("actor"))) await describeOrThrow(c, orchestratorId);
}

/** The row of an orchestrator; null also while Postgres is away, so that an answer with a token in it does not fail. */
export async function findStored(c: AppContext, orchestratorId: string): Promise<InstanceRow | null> {
  try {
    return await findInstance(c.env, c.get("actor"), orchestratorId);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return null;
    throw error;
  }
}

/** Returns the value of a command, or throws its error. */
export function unwrap<T>(result: CommandResult<T>): T {
  if (result.ok) return result.value;
  const { code, message, ...options } = result;
  throw new ApiError(code, message, options);
}

/**
 * A caller that is bound to organizations or to one orchestrator may register nothing else. Returns the organization
 * that the object must check; null for an unbound caller: any.
 */
export function registrationTarget(
  c: AppContext,
  orchestratorId: string,
  organizationId: string | null,
): string | null {
  const actor = c.get("actor");
  // An orchestrator that names no organization means its own.
  const own = actor.kind === "agent" && actor.orchestratorId === orchestratorId ? actor.organizations?.[0] : undefined;
  const target = { orchestratorId, organizationId: organizationId ?? own ?? orchestratorId };
  if (!maySee(actor, target)) {
    noteForeignAgent(c, orchestratorId);
    throw new ApiError("forbidden", "You may not change this organization");
  }
  return isBound(actor) ? target.organizationId : organizationId;
}

/** The unusable values of the body, for the answer and for the object; `more` are those that the object adds. */
export function droppedOf(c: AppContext, more: Dropped[] = []): { dropped?: Dropped[] } {
  const dropped = [...(c.get("dropped") ?? []), ...more];
  return dropped.length > 0 ? { dropped } : {};
}
