import type { StreamRow } from "../../../../worker/contract/stream.ts";
import { HEALTH_ORDER } from "../../../../worker/contract/values/presence.ts";
import type { ConfigState, Health, Organization, Status } from "../../lib/api.ts";
import { organizationStatus } from "../../lib/status.ts";
import { momentOf } from "../../lib/time.ts";
import { URGENCY } from "../orchestrator/config-states.ts";

/** The state of an organization derived from all its orchestrators, from the stream if available. */
export interface OrganizationSummary {
  status: Status;
  orchestrators: number;
  /** null: unknown yet. */
  connected: number | null;
  health: Health | null;
  config: ConfigState;
  lastSeenAt: number | null;
}

const WORST_HEALTH_FIRST: readonly Health[] = HEALTH_ORDER.toReversed();

/** Stream rows are newer than the stored organization, but there are none until the stream has started. */
export function summarizeOrganization(organization: Organization, rows: readonly StreamRow[]): OrganizationSummary {
  if (rows.length === 0) {
    return {
      status: organization.status,
      orchestrators: organization.orchestrators,
      connected: organization.orchestrators === 0 ? 0 : null,
      health: organization.worst_health,
      config: organization.config_state,
      lastSeenAt: momentOf(organization.last_seen),
    };
  }
  return {
    status: organizationStatus(rows),
    orchestrators: rows.length,
    connected: rows.filter((row) => row.connected).length,
    health: WORST_HEALTH_FIRST.find((health) => rows.some((row) => row.health_status === health)) ?? null,
    config: URGENCY.find((state) => rows.some((row) => row.config_state === state)) ?? "none",
    lastSeenAt: rows.reduce<number | null>(
      (newest, { last_seen: at }) => (at !== null && (newest === null || at > newest) ? at : newest),
      null,
    ),
  };
}
