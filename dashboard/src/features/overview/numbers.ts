import type { Status } from "../../lib/api.ts";
import { type FilterKey, printFilter } from "../../lib/filter.ts";
import type { FleetCounts } from "../../live/store.ts";

/** The counts from the database. */
export interface StoredCounts {
  total_organizations: number;
  active_organizations: number;
  inactive_organizations: number;
  independent_organizations: number;
  total_orchestrators: number;
}

/** The counts from the stream. */
export type LiveCounts = Pick<FleetCounts, "total" | "connected" | "organizations">;

export interface FleetNumbers {
  organizations: { total: number } & Record<Status, number>;
  orchestrators: number;
  /** null: unknown without the stream. */
  connected: number | null;
}

/**
 * The counts of the stream if it has at least as many orchestrators as the database, otherwise the stored ones. An
 * organization without orchestrators exists only in the database and is inactive.
 */
export function fleetNumbers(live: LiveCounts | null, stored: StoredCounts | undefined): FleetNumbers | null {
  if (live && (!stored || live.total >= stored.total_orchestrators)) {
    const { active, inactive, independent } = live.organizations;
    const total = Math.max(active + inactive + independent, stored?.total_organizations ?? 0);
    return {
      organizations: { total, active, inactive: total - active - independent, independent },
      orchestrators: live.total,
      connected: live.connected,
    };
  }
  if (!stored) return null;
  return {
    organizations: {
      total: stored.total_organizations,
      active: stored.active_organizations,
      inactive: stored.inactive_organizations,
      independent: stored.independent_organizations,
    },
    orchestrators: stored.total_orchestrators,
    connected: live?.connected ?? null,
  };
}

/** A link to the filtered list of organizations. */
export function listHref(...terms: [FilterKey, string][]): string {
  const filter = printFilter({ text: "", terms: terms.map(([key, value]) => ({ key, values: [value] })) });
  return filter === "" ? "/organizations" : `/organizations?${new URLSearchParams({ q: filter })}`;
}
