import { useQuery } from "@tanstack/solid-query";
import { type Accessor, createEffect, on } from "solid-js";
import type { StreamOrganization, StreamRow } from "../../../worker/contract/stream.ts";
import { MAX_LIMIT } from "../../../worker/contract/values/limits.ts";
import { PRESENCE_FIELDS } from "../../../worker/contract/values/presence.ts";
import { api, ask, type Registered } from "../lib/api.ts";
import { preferences } from "../lib/preferences.ts";
import { organizationStatus } from "../lib/status.ts";
import { momentOf } from "../lib/time.ts";
import { queryClient } from "./query.ts";
import { EMPTY_PATCH, type Patch } from "./store.ts";

interface Polled {
  patch: Patch;
  /** Whether the fleet has no other rows. */
  isComplete: boolean;
}

/** Polls the fleet by REST while `isWanted` and the page is visible. For the life of the owner. */
export function pollFleet(isWanted: Accessor<boolean>, onAnswer: (polled: Polled) => void): void {
  const query = useQuery(
    () => ({
      queryKey: ["polled-fleet"],
      queryFn: ({ signal }) => fetchFleet(signal),
      enabled: isWanted(),
      refetchInterval: preferences.pollIntervalSec * 1000,
      refetchOnReconnect: true,
    }),
    () => queryClient,
  );
  createEffect(
    on(
      () => query.dataUpdatedAt,
      (answeredAt) => {
        const polled = answeredAt > 0 ? query.data : undefined;
        if (polled && isWanted()) onAnswer(polled);
      },
    ),
  );
}

async function fetchFleet(signal: AbortSignal): Promise<Polled> {
  // Only the first page of a larger fleet: the lists load page by page anyway.
  const query = { page: 1, page_size: MAX_LIMIT };
  const answer = await ask(api.GET("/api/v1/internal/orchestrators", { params: { query }, signal }));
  const rows = answer.orchestrators.map(toRow);
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
  return { patch, isComplete: answer.total_count <= MAX_LIMIT };
}

/** The presence fields of every REST response about an orchestrator. */
export type PresenceAnswer = Omit<Registered, "name" | "internal_url" | "registered_at">;

/** Converts them to a stream row. */
export function toRow(answer: PresenceAnswer): StreamRow {
  const fields = Object.fromEntries(PRESENCE_FIELDS.map((field) => [field, answer[field]]));
  const { last_activity: _, ...presence } = fields as Pick<PresenceAnswer, (typeof PRESENCE_FIELDS)[number]>;
  return {
    orchestrator_id: answer.orchestrator_id,
    organization_id: answer.organization_id,
    ...presence,
    // Not in any REST list, and not shown on any page.
    connected_at: null,
    last_seen: momentOf(answer.last_seen),
    config_since: momentOf(answer.config_since),
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
