import { createMemo } from "solid-js";
import type { FeedEvent, StreamRow } from "../../../../worker/contract/stream.ts";
import { api, ask, type ConfigState, type Health, type Organization, type Status } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { type ListQuery, useList } from "../../lib/query.ts";
import { momentOf } from "../../lib/time.ts";
import { useFleet } from "../../live/context.ts";

export type OrchestratorDetail = components["schemas"]["OrchestratorDetail"];

/** What follows from all orchestrators of an organization, from the stream where it has arrived. */
export interface OrganizationSummary {
  status: Status;
  orchestrators: number;
  /** null: not known yet. */
  connected: number | null;
  health: Health | null;
  config: ConfigState;
  lastSeenAt: number | null;
}

export interface OrganizationModel {
  readonly id: string;
  readonly query: ListQuery<Organization>;
  /** Orchestrator ids, sorted. */
  members(): readonly string[];
  summary(): OrganizationSummary | null;
}

const WORST_HEALTH_FIRST: readonly Health[] = ["unhealthy", "degraded", "unknown", "healthy"];
const MOST_URGENT_FIRST: readonly ConfigState[] = ["failed", "applying", "queued", "sent", "applied", "none"];
/** What the stream tells of in full; the others change something that only the answer has. */
const TOLD_BY_ROWS = new Set<FeedEvent["type"]>(["disconnected", "lost", "health"]);

export function useOrganization(id: string): OrganizationModel {
  const fleet = useFleet();
  const query = useList(
    () => ["organization", id],
    async (signal) => {
      const params = { path: { organization_id: id } };
      return (await ask(api.GET("/api/v1/controller/organizations/{organization_id}", { params, signal }))).data;
    },
    { refreshOn: (event) => event.organization_id === id && !TOLD_BY_ROWS.has(event.type) },
  );
  const members = createMemo(() => {
    const live = fleet.membersOf(id);
    return live.length > 0 ? live : (query.data?.orchestrator_ids ?? []);
  });
  const rows = () => members().flatMap((member) => fleet.row(member) ?? []);
  const summary = createMemo(() => (query.data ? summarizeOrganization(query.data, rows()) : null));
  return { id, query, members, summary };
}

/** The rows are newer than the stored organization, but there are none until the stream has begun. */
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
    status: statusOf(rows),
    orchestrators: rows.length,
    connected: rows.filter((row) => row.connected).length,
    health: WORST_HEALTH_FIRST.find((health) => rows.some((row) => row.health_status === health)) ?? null,
    config: MOST_URGENT_FIRST.find((state) => rows.some((row) => row.config_state === state)) ?? "none",
    lastSeenAt: rows.reduce<number | null>(
      (newest, { last_seen: at }) => (at !== null && (newest === null || at > newest) ? at : newest),
      null,
    ),
  };
}

/** As the controller defines it: active if any is, else independent if all are, else inactive. */
function statusOf(rows: readonly StreamRow[]): Status {
  if (rows.some((row) => row.status === "active")) return "active";
  return rows.every((row) => row.status === "independent") ? "independent" : "inactive";
}
