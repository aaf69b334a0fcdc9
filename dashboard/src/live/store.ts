import { batch, createSignal, untrack } from "solid-js";
import type { ConfigState, HealthStatus, Status } from "../../../worker/contract/presence.ts";
import type { FeedEvent, StreamOrganization, StreamRow } from "../../../worker/contract/stream.ts";
import { LiveMap } from "./live-map.ts";
import { withoutRepeated } from "./repeats.ts";

/** The changes of one frame. */
export interface Patch {
  rows: readonly StreamRow[];
  removed: readonly string[];
  organizations: readonly StreamOrganization[];
  removedOrganizations: readonly string[];
  /** At the end of a snapshot: the complete set of the shard. */
  retain: { rows: ReadonlySet<string>; organizations: ReadonlySet<string> } | null;
  events: readonly FeedEvent[];
  sights: readonly { orchestrator_id: string; last_seen: number | null }[];
}

export const EMPTY_PATCH: Patch = {
  rows: [],
  removed: [],
  organizations: [],
  removedOrganizations: [],
  retain: null,
  events: [],
  sights: [],
};

export interface FleetCounts {
  total: number;
  connected: number;
  byStatus: Record<Status, number>;
  byHealth: Record<HealthStatus, number>;
  byConfig: Record<ConfigState, number>;
  organizations: Record<Status, number>;
}

const MAX_EVENTS = 1000;

function noCounts(): FleetCounts {
  return {
    total: 0,
    connected: 0,
    byStatus: { active: 0, inactive: 0, independent: 0 },
    byHealth: { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0 },
    byConfig: { none: 0, queued: 0, sent: 0, applying: 0, applied: 0, unconfirmed: 0, drifted: 0, failed: 0 },
    organizations: { active: 0, inactive: 0, independent: 0 },
  };
}

export type FleetStore = ReturnType<typeof createFleetStore>;

/** The fleet of the page, patched in place so that only changes are rendered. */
export function createFleetStore() {
  const rows = new LiveMap<StreamRow>();
  const organizations = new LiveMap<StreamOrganization>();
  /** Orchestrator IDs by organization, sorted. */
  const members = new LiveMap<readonly string[]>();
  const [events, setEvents] = createSignal<readonly FeedEvent[]>([]);
  // Updated incrementally: a full recount per frame would cost more than the frame itself.
  const tally = noCounts();
  const [counts, setCounts] = createSignal<FleetCounts>(noCounts());
  // The shard that last sent the row: while the number of shards changes, two may hold one organization.
  const rowOwners = new Map<string, number>();
  const organizationOwners = new Map<string, number>();
  const memberSets = new Map<string, Set<string>>();
  let touched = new Set<string>();

  const count = (row: StreamRow, by: 1 | -1) => {
    tally.total += by;
    if (row.connected) tally.connected += by;
    tally.byStatus[row.status] += by;
    tally.byHealth[row.health_status] += by;
    tally.byConfig[row.config_state] += by;
  };

  const join = (organizationId: string, id: string) => {
    const ids = memberSets.get(organizationId) ?? new Set<string>();
    memberSets.set(organizationId, ids.add(id));
    touched.add(organizationId);
  };

  const leave = (organizationId: string, id: string) => {
    memberSets.get(organizationId)?.delete(id);
    touched.add(organizationId);
  };

  const putRow = (shard: number, row: StreamRow) => {
    const id = row.orchestrator_id;
    const old = rows.get(id);
    if (old) count(old, -1);
    if (old && old.organization_id !== row.organization_id) leave(old.organization_id, id);
    if (old?.organization_id !== row.organization_id) join(row.organization_id, id);
    count(row, 1);
    rowOwners.set(id, shard);
    rows.set(id, row);
  };

  const dropRow = (shard: number, id: string) => {
    const old = rows.get(id);
    if (!old || rowOwners.get(id) !== shard) return;
    count(old, -1);
    leave(old.organization_id, id);
    rowOwners.delete(id);
    rows.delete(id);
  };

  const putOrganization = (shard: number, organization: StreamOrganization) => {
    const id = organization.organization_id;
    const old = organizations.get(id);
    if (old) tally.organizations[old.status] -= 1;
    tally.organizations[organization.status] += 1;
    organizationOwners.set(id, shard);
    organizations.set(id, organization);
  };

  const dropOrganization = (shard: number, id: string) => {
    const old = organizations.get(id);
    if (!old || organizationOwners.get(id) !== shard) return;
    tally.organizations[old.status] -= 1;
    organizationOwners.delete(id);
    organizations.delete(id);
  };

  const dropOthers = (shard: number, retain: NonNullable<Patch["retain"]>) => {
    for (const id of rows.keys()) if (!retain.rows.has(id)) dropRow(shard, id);
    for (const id of organizations.keys()) if (!retain.organizations.has(id)) dropOrganization(shard, id);
  };

  const see = (id: string, lastSeen: number | null) => {
    const row = rows.get(id);
    if (row && row.last_seen !== lastSeen) rows.set(id, { ...row, last_seen: lastSeen });
  };

  const publishMembers = () => {
    for (const organizationId of touched) {
      const ids = memberSets.get(organizationId);
      if (ids && ids.size > 0) {
        members.set(organizationId, [...ids].sort());
      } else {
        memberSets.delete(organizationId);
        members.delete(organizationId);
      }
    }
    touched = new Set();
  };

  /** Applies all changes in one batch. */
  const apply = (shard: number, patch: Patch) =>
    batch(() =>
      untrack(() => {
        for (const row of patch.rows) putRow(shard, row);
        for (const id of patch.removed) dropRow(shard, id);
        for (const organization of patch.organizations) putOrganization(shard, organization);
        for (const id of patch.removedOrganizations) dropOrganization(shard, id);
        if (patch.retain) dropOthers(shard, patch.retain);
        for (const sight of patch.sights) see(sight.orchestrator_id, sight.last_seen);
        publishMembers();
        setCounts(structuredClone(tally));
        if (patch.events.length > 0) {
          setEvents((old) => withoutRepeated([...patch.events.toReversed(), ...old]).slice(0, MAX_EVENTS));
        }
      }),
    );

  return {
    row: (id: string) => rows.get(id),
    organization: (id: string) => organizations.get(id),
    membersOf: (organizationId: string) => members.get(organizationId),
    counts,
    /** Newest first. */
    events,
    apply,
    /** The shard of an orchestrator, if known. */
    shardOf: (id: string) => rowOwners.get(id),
  };
}
