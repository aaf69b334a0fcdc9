import { MAX_LIMIT } from "../../../../../worker/contract/values/limits.ts";
import { api, ask, type Organization } from "../../../lib/api.ts";
import { controllerNow } from "../../../lib/controller-time.ts";
import { type Filter, toQuery } from "../../../lib/filter.ts";
import { WINDOW_SIZE } from "./list-model.ts";
import type { Sort } from "./state.ts";

/** Window `number` of the list, from 0. */
export async function fetchWindow(filter: Filter, sort: Sort, number: number, signal?: AbortSignal) {
  const query = { ...toQuery(filter, controllerNow()), sort, page: number + 1, page_size: WINDOW_SIZE };
  const call = api.GET("/api/v1/controller/organizations", { params: { query }, ...(signal && { signal }) });
  const { items, total } = (await ask(call)).data;
  return { items, total };
}

/** How many organizations each value of each filter would give. */
export async function fetchFacets(filter: Filter, signal: AbortSignal) {
  const query = toQuery(filter, controllerNow());
  return (await ask(api.GET("/api/v1/controller/organizations/facets", { params: { query }, signal }))).data;
}

/** Everything that matches, with all its orchestrators. */
export async function fetchMatchingIds(filter: Filter, signal?: AbortSignal) {
  const filters = toQuery(filter, controllerNow());
  const found: { organization_id: string; orchestrator_ids: string[] }[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { ...filters, page_size: MAX_LIMIT, ...(cursor && { cursor }) };
    const call = api.GET("/api/v1/controller/organizations/ids", { params: { query }, ...(signal && { signal }) });
    const { items, next_cursor } = (await ask(call)).data;
    found.push(...items);
    cursor = next_cursor;
  }
  return found;
}

/** Of all organizations by id, those after the cursor: a walk that nothing breaks which comes or goes meanwhile. */
export async function fetchAfter(cursor: string | null, signal?: AbortSignal) {
  const query = { sort: "organization_id" as const, page_size: WINDOW_SIZE, ...(cursor && { cursor }) };
  const call = api.GET("/api/v1/controller/organizations", { params: { query }, ...(signal && { signal }) });
  return (await ask(call)).data;
}

/** The orchestrators of an organization, by id: as many as one answer has, and how many there are. */
export async function fetchOrchestrators(organizationId: string, signal?: AbortSignal) {
  const query = { organization_id: organizationId, page_size: 100 };
  const call = api.GET("/api/v1/controller/orchestrators", { params: { query }, ...(signal && { signal }) });
  const { data } = await ask(call);
  const items = data.items.sort((left, right) => left.orchestrator_id.localeCompare(right.orchestrator_id));
  return { items, total: data.total_items };
}

/** Whether an organization has this id, as far as one request can tell; the controller has the last word. */
export async function isIdTaken(id: string): Promise<boolean> {
  // Not by its own address: a browser reports the 404 of a free id as an error.
  const query = { q: id, page_size: MAX_LIMIT };
  const { items } = (await ask(api.GET("/api/v1/controller/organizations/ids", { params: { query } }))).data;
  return items.some((entry) => entry.organization_id === id);
}

export async function fetchOrganization(id: string, signal: AbortSignal): Promise<Organization> {
  const params = { path: { organization_id: id } };
  return (await ask(api.GET("/api/v1/controller/organizations/{organization_id}", { params, signal }))).data;
}
