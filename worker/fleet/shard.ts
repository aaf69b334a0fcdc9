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
export function shardName(index: number, count: number): string {
  return `${index}/${count}`;
}

function shard(env: Env, index: number, count: number): Stub<FleetRpc> {
  return env.FLEET.getByName(shardName(index, count)) as unknown as Stub<FleetRpc>;
}

/** The Fleet shard that holds an organization's members. */
export function fleetOf(env: Env, organizationId: string): Stub<FleetRpc> {
  const { fleetShards } = settingsOf(env);
  return shard(env, hash(organizationId) % fleetShards, fleetShards);
}

/** Every Fleet shard, in order. */
export function allShards(env: Env): Stub<FleetRpc>[] {
  const { fleetShards } = settingsOf(env);
  return Array.from({ length: fleetShards }, (_, index) => shard(env, index, fleetShards));
}
