import type { StreamOrganization, StreamRow } from "../../../worker/contract/stream.ts";
import { api, ask, type Registered } from "../lib/api.ts";
import { organizationStatus } from "../lib/status.ts";
import { momentOf } from "../lib/time.ts";
import { EMPTY_PATCH, type Patch } from "./store.ts";

/** The maximum number of rows to poll; lists load page by page from REST anyway. */
const MOST_ROWS = 1000;

export interface Polled {
  patch: Patch;
  /** Whether the fleet has no other rows. */
  isComplete: boolean;
}

/** The fleet by REST while there is no stream. What the short list does not tell is taken from the last known row. */
export async function pollFleet(known: (id: string) => StreamRow | undefined): Promise<Polled> {
  const query = { page: 1, page_size: MOST_ROWS };
  const answer = await ask(api.GET("/api/v1/internal/orchestrators", { params: { query } }));
  const rows = answer.orchestrators.map((entry) => toRow(entry, known(entry.orchestrator_id)));
  const organizations = toOrganizations(rows);
  const patch = {
    ...EMPTY_PATCH,
    rows,
    organizations,
    retain: {
      rows: new Set(rows.map((row) => row.orchestrator_id)),
      organizations: new Set(organizations.map((organization) => organization.organization_id)),
    },
  };
  return { patch, isComplete: answer.total_count <= MOST_ROWS };
}

export function toRow(entry: Registered, known: StreamRow | undefined): StreamRow {
  return {
    orchestrator_id: entry.orchestrator_id,
    organization_id: entry.organization_id,
    status: entry.status,
    connected: entry.connected,
    connected_at: entry.connected ? (known?.connected_at ?? null) : null,
    health_status: entry.health_status,
    is_independent: entry.is_independent,
    privacy_mode: known?.privacy_mode ?? false,
    last_seen: momentOf(entry.last_seen),
    config_revision: known?.config_revision ?? 0,
    config_state: known?.config_state ?? "none",
    config_error: known?.config_error ?? null,
  };
}

/** Counts per organization by the controller's rules. */
export function toOrganizations(rows: readonly StreamRow[]): StreamOrganization[] {
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
