import { type Accessor, createEffect, createMemo, createSignal } from "solid-js";
import type { FeedEvent } from "../../../../worker/contract/stream.ts";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { controllerNow } from "../../lib/controller-time.ts";
import { useList } from "../../live/query.ts";
import { type AuditFilter, type AuditQuery, problemOf, toQuery, writeFilter } from "./filter.ts";

export type AuditEntry = components["schemas"]["AuditEntry"];

export const PAGE_SIZE = 50;
const EXPORT_TIMEOUT_MS = 60_000;
/** No event announces logins and refused requests. */
const RECHECK_MS = 15_000;

const TELLING = new Set<FeedEvent["type"]>(["registered", "independence", "config", "message_decided", "deregistered"]);

type AuditPage = { items: AuditEntry[]; total_items: number; total_pages: number };

async function fetchPage(query: AuditQuery & { page: number; page_size: number }, signal: AbortSignal) {
  const answer = await ask(api.GET("/api/v1/controller/audit", { params: { query }, signal }));
  // The route could also answer with CSV, which was not requested.
  return (answer as { data: AuditPage }).data;
}

/** One page of the audit log. It stays unchanged while new entries arrive, which are counted. */
export function createAudit(filter: Accessor<AuditFilter>, page: Accessor<number>) {
  const isValid = () => problemOf(filter()) === null;
  const [generation, setGeneration] = createSignal(0);
  const view = createMemo(() => `${generation()} ${JSON.stringify(writeFilter(filter()))}`);
  /** The upper bound of this view: just after the newest entry at the time. "": there was none. */
  const [bound, setBound] = createSignal<{ view: string; to: string } | null>(null);
  const boundOf = (asked: string) => {
    const known = bound();
    return known?.view === asked ? known.to : null;
  };

  const list = useList(
    () => ["audit", view(), page()],
    async (signal) => {
      const asked = { view: view(), page: page(), query: toQuery(filter(), controllerNow()) };
      const to = boundOf(asked.view);
      const bounded = { ...asked.query, ...(to && { to }) };
      const [found, head] = await Promise.all([
        fetchPage({ ...bounded, page: asked.page, page_size: PAGE_SIZE }, signal),
        to === null && asked.page > 1 ? fetchPage({ ...bounded, page: 1, page_size: 1 }, signal) : null,
      ]);
      const newest = (head ?? found).items[0]?.at;
      return { ...found, view: asked.view, to: to ?? (newest ? justAfter(newest) : "") };
    },
    { isEnabled: isValid },
  );
  createEffect(() => {
    const { data } = list;
    if (data && data.view === view() && boundOf(data.view) === null) setBound({ view: data.view, to: data.to });
  });

  const newer = useList(
    () => ["audit-new", view(), boundOf(view())],
    async (signal) => {
      const asked = { view: view(), from: boundOf(view()) };
      const query = { ...toQuery(filter(), controllerNow()), ...(asked.from && { from: asked.from }) };
      return { ...asked, count: (await fetchPage({ ...query, page: 1, page_size: 1 }, signal)).total_items };
    },
    {
      isEnabled: () => isValid() && boundOf(view()) !== null,
      refreshOn: (event) => TELLING.has(event.type),
      everyMs: RECHECK_MS,
    },
  );

  const facets = useList(
    () => ["audit-facets", view()],
    async (signal) => {
      const query = toQuery(filter(), controllerNow());
      return (await ask(api.GET("/api/v1/controller/audit/facets", { params: { query }, signal }))).data;
    },
    { isEnabled: isValid, idField: "value" },
  );

  return {
    list,
    facets,
    isCurrent: () => list.data?.view === view() && !list.isPlaceholderData,
    newCount: () => (newer.data?.view === view() && newer.data.from === boundOf(view()) ? newer.data.count : 0),
    showNew: () => setGeneration((count) => count + 1),
  };
}

export type Audit = ReturnType<typeof createAudit>;

/** Bounds are exclusive, and timestamps have milliseconds. */
function justAfter(at: string): string {
  return new Date(Date.parse(at) + 1).toISOString();
}

/** All matching entries as the CSV that the controller writes. */
export async function exportCsv(filter: AuditFilter): Promise<string> {
  const query = { ...toQuery(filter, controllerNow()), format: "csv" as const };
  const bytes = await ask<ArrayBuffer>(
    api.GET("/api/v1/controller/audit", {
      params: { query },
      // Reading it as text would drop the byte order mark.
      parseAs: "arrayBuffer",
      // Thousands of rows take longer than one page.
      fetch: (request) => fetch(request, { signal: AbortSignal.timeout(EXPORT_TIMEOUT_MS) }),
    }) as Promise<{ data?: ArrayBuffer; error?: unknown; response: Response }>,
  );
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
