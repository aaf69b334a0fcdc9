import { isoMoment } from "../contract/rest/common.ts";
import type { Organization } from "../contract/rest/organizations.ts";
import type { OrganizationRow } from "../db/organizations.ts";

export function toOrganization(row: OrganizationRow): Organization {
  return {
    organization_id: row.organizationId,
    name: row.name,
    location: row.location,
    status: row.status,
    is_active: row.isActive,
    is_independent: row.isIndependent,
    features: row.features,
    metadata: row.metadata,
    settings: row.settings,
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
