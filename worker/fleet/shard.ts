import type { Millis } from "../contract/presence.ts";
import type { FleetRpc, Stub } from "../contract/rpc.ts";
import type { ViewerIdentity } from "../contract/session.ts";
import type { ViewerFilter } from "../contract/stream.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { settingsOf } from "../platform/settings.ts";
import { joinRequest } from "./join.ts";

/** FNV-1a, 32 bit: spreads organizations evenly. It must never change, because it names Durable Objects. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

/** The number of shards is part of the name, so that a changed `FLEET_SHARDS` starts afresh instead of mixing maps. */
function shardName(index: number, count: number): string {
  return `${index}/${count}`;
}

function shard(env: Env, name: string): Stub<FleetRpc> {
  return env.FLEET.getByName(name) as unknown as Stub<FleetRpc>;
}

/** The name of the shard that holds an organization's members. */
export function fleetNameOf(env: Env, organizationId: string): string {
  const { fleetShards } = settingsOf(env);
  return shardName(hash(organizationId) % fleetShards, fleetShards);
}

/** The Fleet shard that holds an organization's members. */
export function fleetOf(env: Env, organizationId: string): Stub<FleetRpc> {
  return shard(env, fleetNameOf(env, organizationId));
}

/** Adds a line to the controller log. A line that is lost is reported on the console and fails no request. */
export async function logAbout(env: Env, organizationId: string, message: string, at: Millis): Promise<void> {
  try {
    await fleetOf(env, organizationId).log([{ at, level: "INFO", message, orchestratorId: null, count: 1 }]);
  } catch (error) {
    writeLog(env, "WARNING", "A line of the controller log is lost", { line: message, ...errorFields(error) });
  }
}

/** Which of these orchestrators the shards have as members of these organizations. */
export async function ownMembers(env: Env, ids: string[], organizations: readonly string[]): Promise<string[]> {
  const names = [...new Set(organizations.map((id) => fleetNameOf(env, id)))];
  return (await Promise.all(names.map((name) => shard(env, name).ownOf(ids, organizations)))).flat();
}

/** Every Fleet shard, in order. */
export function allShards(env: Env): Stub<FleetRpc>[] {
  const { fleetShards } = settingsOf(env);
  return Array.from({ length: fleetShards }, (_, index) => shard(env, shardName(index, fleetShards)));
}

/** Closes viewers at every shard. A call that fails is repeated once, because nothing else would close them. */
export async function dropViewers(env: Env, filter: ViewerFilter): Promise<void> {
  await Promise.all(
    allShards(env).map(async (fleet) => {
      await fleet.dropViewers(filter).catch(() => fleet.dropViewers(filter));
    }),
  );
}

/** Opens the socket of a viewer at one shard; null when there is no such shard. */
export async function openStream(
  env: Env,
  shard: number,
  who: ViewerIdentity,
  cursor: string | null,
): Promise<Response | null> {
  const shards = allShards(env);
  const response = await shards[shard]?.fetch(joinRequest({ who, cursor, shard, shards: shards.length }));
  return response ?? null;
}
