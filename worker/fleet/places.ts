import type { QuotaKind, QuotaLimits } from "../contract/quotas.ts";

/** The most viewers of one shard. */
export const MAX_VIEWERS = 1_000;

/** The holder of a place: an account, and the organizations that it may see, or null for all. */
export interface Place {
  account: string;
  organizations: readonly string[] | null;
}

/** `taken`: the index of the place that its holder has to give up. */
export type Seating = { outcome: "free" } | { outcome: "taken"; index: number } | { outcome: QuotaKind | "full" };

/**
 * Finds a place for a viewer, within the quotas. When all places are taken, the holder of most places gives one up for a
 * viewer that has fewer: first compared by organization, then by account within one. `places`: oldest first.
 */
export function seatFor(who: Place, places: readonly Place[], limits: QuotaLimits, capacity = MAX_VIEWERS): Seating {
  const { account, organizations } = who;
  const own = places.filter((place) => place.account === account).length;
  if (own >= limits.live_views_per_account) return { outcome: "live_views_per_account" };
  const isOver = (organizations ?? []).some((id) => {
    return places.filter((place) => place.organizations?.includes(id)).length >= limits.live_views_per_organization;
  });
  if (isOver) return { outcome: "live_views_per_organization" };
  if (places.length < capacity) return { outcome: "free" };
  const gives = whoGives(account, tenantOf(who), places);
  return gives === undefined ? { outcome: "full" } : { outcome: "taken", index: gives };
}

/** Viewers of all organizations count as one tenant. */
function tenantOf({ organizations }: Place): string {
  return organizations === null ? "" : `of ${[...organizations].sort()[0] ?? ""}`;
}

function whoGives(account: string, tenant: string, places: readonly Place[]): number | undefined {
  const seats = places.map((place, index) => ({ account: place.account, tenant: tenantOf(place), index }));
  const own = seats.filter((seat) => seat.tenant === tenant);
  const largest = largestOf(seats, (seat) => seat.tenant);
  const isOthers = own.length + 1 < largest.length;
  const accounts = largestOf(isOthers ? largest : own, (seat) => seat.account);
  const held = own.filter((seat) => seat.account === account).length;
  return isOthers || held + 1 < accounts.length ? accounts.at(-1)?.index : undefined;
}

function largestOf<T>(all: readonly T[], holderOf: (one: T) => string): readonly T[] {
  const groups = [...Map.groupBy(all, holderOf).values()];
  return groups.reduce<readonly T[]>((most, group) => (group.length > most.length ? group : most), []);
}
