import { createMemo } from "solid-js";
import type { FeedEvent } from "../../../../worker/contract/stream.ts";
import { api, ask, type Organization } from "../../lib/api.ts";
import { useFleet } from "../../live/context.ts";
import { type ListQuery, useList } from "../../live/query.ts";
import { liveRowsOf } from "../orchestrator/overlay.ts";
import { type OrganizationSummary, summarizeOrganization } from "./summary.ts";

export interface OrganizationModel {
  readonly id: string;
  readonly query: ListQuery<Organization>;
  /** Orchestrator IDs, sorted. */
  members(): readonly string[];
  summary(): OrganizationSummary | null;
}

/** Events whose changes are fully contained in stream rows; others change data that only REST returns. */
const CONTAINED_IN_ROWS = new Set<FeedEvent["type"]>(["disconnected", "lost", "health"]);

export function useOrganization(id: string): OrganizationModel {
  const fleet = useFleet();
  const query = useList(
    () => ["organization", id],
    async (signal) => {
      const params = { path: { organization_id: id } };
      return (await ask(api.GET("/api/v1/controller/organizations/{organization_id}", { params, signal }))).data;
    },
    { refreshOn: (event) => event.organization_id === id && !CONTAINED_IN_ROWS.has(event.type) },
  );
  const members = createMemo(() => {
    const live = fleet.membersOf(id);
    return live.length > 0 ? live : (query.data?.orchestrator_ids ?? []);
  });
  const summary = createMemo(() =>
    query.data ? summarizeOrganization(query.data, liveRowsOf(fleet, id, query.loadedAt)) : null,
  );
  return { id, query, members, summary };
}
