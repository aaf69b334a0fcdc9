import { batch } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import type { ConfigState, HealthStatus, Status } from "../../../worker/contract/presence.ts";
import type { FeedEvent, StreamOrganization, StreamRow } from "../../../worker/contract/stream.ts";

/** What one frame changes. */
export interface Patch {
  rows: readonly StreamRow[];
  removed: readonly string[];
  organizations: readonly StreamOrganization[];
  removedOrganizations: readonly string[];
  /** The end of a snapshot: the shard has these and no others. */
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
    byConfig: { none: 0, queued: 0, sent: 0, applying: 0, applied: 0, failed: 0 },
    organizations: { active: 0, inactive: 0, independent: 0 },
  };
}

interface FleetState {
  rows: Record<string, StreamRow>;
  organizations: Record<string, StreamOrganization>;
  /** Orchestrator ids by organization, sorted. */
  members: Record<string, readonly string[]>;
  counts: FleetCounts;
  events: readonly FeedEvent[];
}

export type FleetStore = ReturnType<typeof createFleetStore>;

/** The fleet as the page sees it: patched in place, so that only what changed is drawn anew. */
export function createFleetStore() {
  const [state, setState] = createStore<FleetState>({
    rows: {},
    organizations: {},
    members: {},
    counts: noCounts(),
    events: [],
  });
  // Plain copies beside the store: reading through its proxies costs more than the change itself.
  const rows = new Map<string, StreamRow>();
  const organizations = new Map<string, StreamOrganization>();
  const members = new Map<string, Set<string>>();
  // Which shard told of it last: while their number changes, two know one organization.
  const rowOwners = new Map<string, number>();
  const organizationOwners = new Map<string, number>();
  const counts = noCounts();
  let touched = new Set<string>();

  const count = (row: StreamRow, by: 1 | -1) => {
    counts.total += by;
    if (row.connected) counts.connected += by;
    counts.byStatus[row.status] += by;
    counts.byHealth[row.health_status] += by;
    counts.byConfig[row.config_state] += by;
  };

  const join = (organizationId: string, id: string) => {
    const ids = members.get(organizationId) ?? new Set<string>();
    members.set(organizationId, ids.add(id));
    touched.add(organizationId);
  };

  const leave = (organizationId: string, id: string) => {
    members.get(organizationId)?.delete(id);
    touched.add(organizationId);
  };

  const putRow = (shard: number, row: StreamRow) => {
    const id = row.orchestrator_id;
    const old = rows.get(id);
    if (old) count(old, -1);
    if (old && old.organization_id !== row.organization_id) leave(old.organization_id, id);
    if (old?.organization_id !== row.organization_id) join(row.organization_id, id);
    count(row, 1);
    rows.set(id, row);
    rowOwners.set(id, shard);
    // A copy: the store writes later changes into the object that it was given.
    setState("rows", id, { ...row });
  };

  const dropRow = (shard: number, id: string) => {
    const old = rows.get(id);
    if (!old || rowOwners.get(id) !== shard) return;
    rowOwners.delete(id);
    count(old, -1);
    leave(old.organization_id, id);
    rows.delete(id);
    setState("rows", id, undefined as never);
  };

  const putOrganization = (shard: number, organization: StreamOrganization) => {
    const id = organization.organization_id;
    const old = organizations.get(id);
    if (old) counts.organizations[old.status] -= 1;
    counts.organizations[organization.status] += 1;
    organizations.set(id, organization);
    organizationOwners.set(id, shard);
    setState("organizations", id, { ...organization });
  };

  const dropOrganization = (shard: number, id: string) => {
    const old = organizations.get(id);
    if (!old || organizationOwners.get(id) !== shard) return;
    organizationOwners.delete(id);
    counts.organizations[old.status] -= 1;
    organizations.delete(id);
    setState("organizations", id, undefined as never);
  };

  const dropOthers = (shard: number, retain: NonNullable<Patch["retain"]>) => {
    for (const id of rows.keys()) if (!retain.rows.has(id)) dropRow(shard, id);
    for (const id of organizations.keys()) if (!retain.organizations.has(id)) dropOrganization(shard, id);
  };

  const see = (id: string, lastSeen: number | null) => {
    const row = rows.get(id);
    if (!row || row.last_seen === lastSeen) return;
    rows.set(id, { ...row, last_seen: lastSeen });
    setState("rows", id, "last_seen", lastSeen);
  };

  const publish = () => {
    for (const organizationId of touched) {
      const ids = [...(members.get(organizationId) ?? [])].sort();
      if (ids.length === 0) members.delete(organizationId);
      setState("members", organizationId, ids.length === 0 ? (undefined as never) : ids);
    }
    touched = new Set();
    setState("counts", reconcile(structuredClone(counts)));
  };

  /** Everything in one turn of the page. */
  const apply = (shard: number, patch: Patch) =>
    batch(() => {
      for (const row of patch.rows) putRow(shard, row);
      for (const id of patch.removed) dropRow(shard, id);
      for (const organization of patch.organizations) putOrganization(shard, organization);
      for (const id of patch.removedOrganizations) dropOrganization(shard, id);
      if (patch.retain) dropOthers(shard, patch.retain);
      for (const sight of patch.sights) see(sight.orchestrator_id, sight.last_seen);
      publish();
      if (patch.events.length > 0) {
        setState("events", (old) => [...patch.events.toReversed(), ...old].slice(0, MAX_EVENTS));
      }
    });

  /** The shard of an orchestrator, as far as it is known. */
  const shardOf = (id: string) => rowOwners.get(id);

  return { state, apply, shardOf };
}
