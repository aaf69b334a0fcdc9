import { api, ask, type Registered, type Status } from "../lib/api.ts";

export const PAGE_SIZE = 25;
const SHORT_LIST_SIZE = 1000;

export interface FleetQuery {
  q: string;
  status: Status | "all";
  page: number;
}

/** Two queries with the same key ask for the same. */
export function queryKey({ q, status, page }: FleetQuery): string {
  return JSON.stringify([q, status, page]);
}

export async function fetchOrganizations({ q, status, page }: FleetQuery) {
  const query = {
    page,
    page_size: PAGE_SIZE,
    ...(q !== "" && { q }),
    ...(status !== "all" && { status }),
  };
  return (await ask(api.GET("/api/v1/controller/organizations", { params: { query } }))).data;
}

/** Every registered orchestrator in short, by organization. */
export async function fetchRegistered(): Promise<{ total: number; members: Record<string, Registered[]> }> {
  const found: Registered[] = [];
  for (let page = 1; ; page += 1) {
    const query = { page, page_size: SHORT_LIST_SIZE };
    const answer = await ask(api.GET("/api/v1/internal/orchestrators", { params: { query } }));
    found.push(...answer.orchestrators);
    if (answer.orchestrators.length < SHORT_LIST_SIZE || found.length >= answer.total_count) break;
  }
  found.sort((left, right) => left.orchestrator_id.localeCompare(right.orchestrator_id));
  const members: Record<string, Registered[]> = {};
  for (const entry of found) {
    const list = members[entry.organization_id] ?? [];
    list.push(entry);
    members[entry.organization_id] = list;
  }
  return { total: found.length, members };
}

export async function fetchLive() {
  return (await ask(api.GET("/api/v1/controller/orchestrators/live"))).data.orchestrators;
}

export async function fetchOrchestrators(organizationId: string) {
  const query = { organization_id: organizationId, page_size: 100 };
  const { data } = await ask(api.GET("/api/v1/controller/orchestrators", { params: { query } }));
  return data.items.sort((left, right) => left.orchestrator_id.localeCompare(right.orchestrator_id));
}

export async function putIndependence(orchestratorId: string, isIndependent: boolean) {
  return await ask(
    api.PUT("/api/v1/internal/orchestrators/{orchestrator_id}/independence", {
      params: { path: { orchestrator_id: orchestratorId } },
      body: { is_independent: isIndependent },
    }),
  );
}
