import type { StreamOrganization, StreamRow } from "../../../worker/contract/stream.ts";
import { api, ask, type LiveOrchestrator, type Registered } from "../lib/api.ts";
import { momentOf } from "../lib/time.ts";
import { organizationStatus } from "./presence.ts";
import { EMPTY_PATCH, type Patch } from "./store.ts";

/** A larger fleet shows live marks for these only; its lists come page by page from REST anyway. */
const MOST_ROWS = 1000;

/** The fleet by REST, while there is no stream: what a snapshot would say, as far as the lists tell. */
export async function pollFleet(signal?: AbortSignal): Promise<Patch> {
  const options = signal ? { signal } : {};
  const query = { page: 1, page_size: MOST_ROWS };
  const [registered, live] = await Promise.all([
    ask(api.GET("/api/v1/internal/orchestrators", { params: { query }, ...options })),
    ask(api.GET("/api/v1/controller/orchestrators/live", options)),
  ]);
  const rows = registered.orchestrators.map((entry) => toRow(entry, live.data.orchestrators[entry.orchestrator_id]));
  const organizations = toOrganizations(rows);
  return {
    ...EMPTY_PATCH,
    rows,
    organizations,
    retain: {
      rows: new Set(rows.map((row) => row.orchestrator_id)),
      organizations: new Set(organizations.map((organization) => organization.organization_id)),
    },
  };
}

export function toRow(entry: Registered, live: LiveOrchestrator | undefined): StreamRow {
  return {
    orchestrator_id: entry.orchestrator_id,
    organization_id: entry.organization_id,
    status: entry.status,
    connected: live !== undefined,
    connected_at: momentOf(live?.connected_at),
    health_status: live?.health_status ?? entry.health_status,
    is_independent: entry.is_independent,
    privacy_mode: live?.privacy_mode ?? false,
    last_seen: newest(momentOf(entry.last_seen), momentOf(live?.last_seen)),
    config_revision: 0,
    config_state: "none",
    config_error: null,
  };
}

function toOrganizations(rows: readonly StreamRow[]): StreamOrganization[] {
  return [...Map.groupBy(rows, (row) => row.organization_id)].map(([organization_id, members]) => ({
    organization_id,
    status: organizationStatus(members),
    orchestrators: members.length,
    connected: members.filter((row) => row.connected).length,
    last_seen: members.reduce<number | null>((last, row) => newest(last, row.last_seen), null),
  }));
}

function newest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
