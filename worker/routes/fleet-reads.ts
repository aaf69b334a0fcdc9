import { type Actor, maySee } from "../contract/actor.ts";
import type { FleetMember, PresenceView } from "../contract/presence.ts";
import type { OrchestratorQuery } from "../contract/rest/orchestrators.ts";
import { type InstanceRow, listInstances } from "../db/instances.ts";
import { allShards, fleetOf } from "../fleet/shard.ts";

/** Members with an open socket that the actor may see, from the Fleet alone, by id. */
export async function liveMembers(env: Env, actor: Actor): Promise<FleetMember[]> {
  const members = (await Promise.all(allShards(env).map((shard) => shard.live()))).flat();
  return members
    .filter(({ view }) => maySee(actor, view))
    .sort((left, right) => (left.view.orchestratorId < right.view.orchestratorId ? -1 : 1));
}

/** One page of the orchestrators that the actor may see, each in the form that `toItem` gives it. */
export async function listOrchestrators<Item>(
  env: Env,
  actor: Actor,
  query: OrchestratorQuery,
  toItem: (row: InstanceRow, view: PresenceView | undefined) => Item,
): Promise<{ items: Item[]; total: number; nextCursor: string | null }> {
  const { rows, total, nextCursor } = await listInstances(env, actor, query);
  const views = await presenceOfRows(env, rows);
  return { items: rows.map((row) => toItem(row, views.get(row.orchestratorId))), total, nextCursor };
}

/** The views of the shards for these rows, with one call for each shard. */
export async function presenceOfRows(
  env: Env,
  rows: Pick<InstanceRow, "orchestratorId" | "organizationId">[],
): Promise<Map<string, PresenceView>> {
  const byShard = Map.groupBy(rows, (row) => fleetOf(env, row.organizationId).id.toString());
  const views = await Promise.all(
    Array.from(byShard.values(), async (group) => {
      const ids = group.map((row) => row.orchestratorId);
      return group[0] ? await fleetOf(env, group[0].organizationId).lookup(ids) : [];
    }),
  );
  return new Map(views.flat().map((view) => [view.orchestratorId, view]));
}
