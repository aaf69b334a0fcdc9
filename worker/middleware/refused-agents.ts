import type { RefusalReason } from "../contract/refusals.ts";
import { ID_PATTERN } from "../contract/values/ids.ts";
import { allShards, fleetOf } from "../fleet/shard.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import type { AppContext } from "./app-env.ts";
import { noteAccess } from "./audit.ts";
import { addressOf } from "./caller.ts";

/**
 * Shows a refused call or connection to the people who can act on it, after its answer, unless too many from its
 * address were refused. The id is not proven: only the object of a member of the fleet is called, so that made-up ids
 * create no objects.
 */
export function noteRefusedAgent(c: AppContext, orchestratorId: string, reason: RefusalReason): void {
  if (!ID_PATTERN.test(orchestratorId)) return;
  const address = addressOf(c);
  c.set("refusalNote", async () => {
    const found = await Promise.all(allShards(c.env).map((shard) => shard.lookup([orchestratorId])));
    const isMember = found.some((views) => views.length > 0);
    if (isMember && (await orchestratorOf(c.env, orchestratorId).refused(reason, { address }))) return;
    await noteStranger(c, orchestratorId, reason, address);
  });
}

/** The same for a well-formed token that its object has refused. */
export function noteRefusedToken(c: AppContext, orchestratorId: string): void {
  const address = addressOf(c);
  c.set("refusalNote", async () => {
    if (await orchestratorOf(c.env, orchestratorId).refused("wrong_token", { address })) return;
    await noteStranger(c, orchestratorId, "wrong_token", address);
  });
}

/**
 * An orchestrator with a good token has named another one. The people responsible for the other see that, but not
 * whose token it was: that row belongs to no organization.
 */
export function noteForeignAgent(c: AppContext, orchestratorId: string): void {
  const actor = c.get("actor");
  if (actor.kind !== "agent" || actor.orchestratorId === null || actor.orchestratorId === orchestratorId) return;
  noteRefusedAgent(c, orchestratorId, "wrong_id");
  noteAccess(c, { action: "access.denied", target: { type: "orchestrator", id: orchestratorId }, code: "wrong_id" });
}

/** Unknown ids have no object to count them, so a shard keeps the newest of them. */
async function noteStranger(c: AppContext, orchestratorId: string, reason: RefusalReason, address: string | null) {
  const at = Date.now();
  const report = { orchestratorId, organizationId: null, reason, address, count: 1, since: at, lastAt: at };
  await fleetOf(c.env, orchestratorId).refused([report]);
}

/** The id that an invalid token claims to belong to, or null. */
export function claimedId(text: string): string | null {
  const [, id] = /^mca_(.{1,64})\.[^.]*$/.exec(text) ?? [];
  return id !== undefined && ID_PATTERN.test(id) ? id : null;
}
