import { MAX_LIMIT } from "../../../../../worker/contract/values/limits.ts";
import { api, ask, type Organization } from "../../../lib/api.ts";
import { controllerNow } from "../../../lib/controller-time.ts";
import { type Filter, toQuery } from "../../../lib/filter.ts";
import { WINDOW_SIZE } from "./list-model.ts";
import type { Sort } from "./state.ts";

/** Loads window `number` of the list, 0-based. */
export async function fetchWindow(filter: Filter, sort: Sort, number: number, signal?: AbortSignal) {
  const query = { ...toQuery(filter, controllerNow()), sort, page: number + 1, page_size: WINDOW_SIZE };
  const call = api.GET("/api/v1/controller/organizations", { params: { query }, ...(signal && { signal }) });
  const { items, total } = (await ask(call)).data;
  return { items, total };
}

/** Loads the number of matches for each value of each filter. */
export async function fetchFacets(filter: Filter, signal: AbortSignal) {
  const query = toQuery(filter, controllerNow());
  return (await ask(api.GET("/api/v1/controller/organizations/facets", { params: { query }, signal }))).data;
}

/** Loads all matching IDs with their orchestrators. */
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

/** Loads organizations by ID after the cursor; the walk is stable while organizations are added or deleted. */
export async function fetchAfter(cursor: string | null, signal?: AbortSignal) {
  const query = { sort: "organization_id" as const, page_size: WINDOW_SIZE, ...(cursor && { cursor }) };
  const call = api.GET("/api/v1/controller/organizations", { params: { query }, ...(signal && { signal }) });
  return (await ask(call)).data;
}

/** Loads the first page of an organization's orchestrators by ID, with their total number. */
export async function fetchOrchestrators(organizationId: string, signal?: AbortSignal) {
  const query = { organization_id: organizationId, page_size: 100 };
  const call = api.GET("/api/v1/controller/orchestrators", { params: { query }, ...(signal && { signal }) });
  const { data } = await ask(call);
  const items = data.items.sort((left, right) => left.orchestrator_id.localeCompare(right.orchestrator_id));
  return { items, total: data.total_items };
}

/** Whether the ID is taken, as far as one request can tell; the controller checks again on creation. */
export async function isIdTaken(id: string): Promise<boolean> {
  // Not by its own route: browsers log the 404 of a free ID as an error.
  const query = { q: id, page_size: MAX_LIMIT };
  const { items } = (await ask(api.GET("/api/v1/controller/organizations/ids", { params: { query } }))).data;
  return items.some((entry) => entry.organization_id === id);
}

export async function fetchOrganization(id: string, signal: AbortSignal): Promise<Organization> {
  const params = { path: { organization_id: id } };
  return (await ask(api.GET("/api/v1/controller/organizations/{organization_id}", { params, signal }))).data;
}
