import type { Status } from "../../lib/api.ts";
import { type FilterKey, printFilter } from "../../lib/filter.ts";
import type { FleetCounts } from "../../live/store.ts";

/** What the controller has in its database. */
export interface StoredCounts {
  total_organizations: number;
  active_organizations: number;
  inactive_organizations: number;
  independent_organizations: number;
  total_orchestrators: number;
}

/** What the stream counts. */
export type LiveCounts = Pick<FleetCounts, "total" | "connected" | "organizations">;

export interface FleetNumbers {
  organizations: { total: number } & Record<Status, number>;
  orchestrators: number;
  /** null: only the stream knows. */
  connected: number | null;
}

/**
 * The counts of the stream, as long as it knows of as many orchestrators as the database does; else the stored ones.
 * An organization without an orchestrator is in the database alone, and inactive.
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

/** The list of organizations, filtered so. */
export function listHref(...terms: [FilterKey, string][]): string {
  const filter = printFilter({ text: "", terms: terms.map(([key, value]) => ({ key, values: [value] })) });
  return filter === "" ? "/organizations" : `/organizations?${new URLSearchParams({ q: filter })}`;
}
