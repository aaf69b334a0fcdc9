import { ID_PATTERN } from "../contract/ids.ts";
import type { RefusalReason } from "../contract/refusals.ts";
import { allShards, fleetOf } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { behindAnswer } from "../middleware/audit.ts";
import { addressOf } from "../middleware/caller.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";

/**
 * Has a refused connection shown to whoever may act, behind its answer. Nothing about the id has been proven: only one that
 * is a member of the fleet has its object asked, so that made-up ids make no objects.
 */
export function noteRefusedUpgrade(c: AppContext, orchestratorId: string, reason: RefusalReason): void {
  c.set("isRefusalNoted", true);
  const address = addressOf(c);
  behindAnswer(c, async () => {
    const found = await Promise.all(allShards(c.env).map((shard) => shard.lookup([orchestratorId])));
    const isMember = found.some((views) => views.length > 0);
    if (isMember && (await orchestratorOf(c.env, orchestratorId).refused(reason, { address }))) return;
    await noteStranger(c, orchestratorId, reason, address);
  });
}

/** The object has refused it and counts it, unless it knows nothing of this id. */
export function noteRefusedByObject(c: AppContext, orchestratorId: string, isKnown: boolean): void {
  c.set("isRefusalNoted", true);
  if (isKnown) return;
  behindAnswer(c, () => noteStranger(c, orchestratorId, "wrong_token", addressOf(c)));
}

/** Ids that nobody knows have no object to count them: a shard keeps the newest of them. */
async function noteStranger(c: AppContext, orchestratorId: string, reason: RefusalReason, address: string | null) {
  const at = Date.now();
  const report = { orchestratorId, organizationId: null, reason, address, count: 1, since: at, lastAt: at };
  await fleetOf(c.env, orchestratorId).refused([report]);
}

/** The id that a text which is no valid token claims to be the token of, or null. */
export function claimedId(text: string): string | null {
  const [, id] = /^mca_(.{1,64})\.[^.]*$/.exec(text) ?? [];
  return id !== undefined && ID_PATTERN.test(id) ? id : null;
}
