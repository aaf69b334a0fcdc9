import { settingsOf } from "../config.ts";
import type { FleetRpc, Stub } from "../contract/rpc.ts";

/** FNV-1a, 32 bit: spreads organizations evenly and is stable for ever, because it names Durable Objects. */
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

/** Every Fleet shard, in order. */
export function allShards(env: Env): Stub<FleetRpc>[] {
  const { fleetShards } = settingsOf(env);
  return Array.from({ length: fleetShards }, (_, index) => shard(env, shardName(index, fleetShards)));
}
