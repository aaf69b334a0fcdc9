import type { Actor } from "../contract/actor.ts";
import type { JsonObject } from "../contract/json.ts";
import { permits } from "../contract/permissions.ts";
import { isoMoment } from "../contract/rest/common.ts";
import type { Organization } from "../contract/rest/organizations.ts";
import type { OrganizationRow } from "../db/organizations-read.ts";
import { redact } from "../platform/redact.ts";

/** Callers who may not change the organization see its secrets masked. */
export function toOrganization(row: OrganizationRow, actor: Actor): Organization {
  const shown = permits(actor, "config.publish") ? (value: JsonObject) => value : redact;
  const metadata = permits(actor, "organization.update") ? row.metadata : redact(row.metadata);
  return {
    organization_id: row.organizationId,
    name: row.name,
    location: row.location,
    reported_name: row.reportedName,
    reported_location: row.reportedLocation,
    edit_version: row.editVersion,
    status: row.status,
    is_active: row.isActive,
    is_independent: row.isIndependent,
    features: shown(row.features),
    metadata,
    settings: shown(row.settings),
    last_seen: isoMoment(row.lastSeen),
    orchestrators: row.orchestrators,
    active_orchestrators: row.active,
    orchestrator_ids: row.ids,
    worst_health: row.worstHealth,
    config_state: row.configState,
    version: row.version,
    versions: row.versions,
    pending_messages: row.pendingMessages,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
