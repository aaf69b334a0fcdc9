import type { Health, LiveOrchestrator, Organization, Registered, Status } from "../lib/api.ts";

/** What the row of an organization says, put together from the lists and the live map. */
export interface OrganizationView {
  status: Status;
  connected: number;
  /** null: not known yet. */
  total: number | null;
  /** The worst that its connected orchestrators report; null when none is connected. */
  health: Health | null;
  lastSeenAt: number | null;
}

const WORST_FIRST: Health[] = ["unhealthy", "degraded", "unknown", "healthy"];

/** As the controller defines it: active if any is, else independent if all are, else inactive. */
export function organizationStatus(members: readonly Pick<Registered, "status">[]): Status {
  if (members.some((member) => member.status === "active")) return "active";
  return members.length > 0 && members.every((member) => member.status === "independent") ? "independent" : "inactive";
}

export function worstHealth(reports: readonly Health[]): Health | null {
  return WORST_FIRST.find((health) => reports.includes(health)) ?? null;
}

export function momentOf(iso: string | null | undefined): number | null {
  return iso ? Date.parse(iso) : null;
}

/** A live entry is the newer one, except that an independent orchestrator's last_seen stands still. */
export function newestSeen(stored: string | null, live: LiveOrchestrator | undefined): number | null {
  const moments = [momentOf(stored), momentOf(live?.last_seen)].filter((at) => at !== null);
  return moments.length > 0 ? Math.max(...moments) : null;
}

export function viewOrganization(
  organization: Organization,
  members: readonly Registered[] | undefined,
  live: Readonly<Record<string, LiveOrchestrator>>,
  areMembersFresh: boolean,
): OrganizationView {
  const known = members ?? [];
  const connected = known.flatMap((member) => live[member.orchestrator_id] ?? []);
  const moments = connected.map((entry) => newestSeen(organization.last_seen, entry)).filter((at) => at !== null);
  return {
    status: areMembersFresh && known.length > 0 ? organizationStatus(known) : organization.status,
    connected: connected.length,
    total: members?.length ?? null,
    health: worstHealth(connected.map((entry) => entry.health_status)),
    lastSeenAt: moments.length > 0 ? Math.max(...moments) : momentOf(organization.last_seen),
  };
}
