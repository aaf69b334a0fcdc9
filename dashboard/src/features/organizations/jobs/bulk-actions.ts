import { csvEnd, csvHead, csvRecord } from "../../../../../common/csv.ts";
import { MAX_LIMIT } from "../../../../../worker/contract/values/limits.ts";
import { api, ask, type Organization, type Registered } from "../../../lib/api.ts";
import { toFailure } from "../../../lib/failure.ts";
import { queryClient } from "../../../live/query.ts";
import { saveCsv } from "../../../ui/download.ts";
import { notify } from "../../../ui/toast.tsx";
import { fetchAfter, fetchOrganization } from "../list/api.ts";
import type { Selection } from "../list/selection.ts";
import { showJobs } from "./job-panel.tsx";
import { jobPace, startJob } from "./jobs.ts";
import { createWalk, type ListWalk } from "./list-walk.ts";

export type BulkKind = "free" | "take-back" | "push" | "delete";

const TITLES: Readonly<Record<BulkKind, string>> = {
  free: "Set independent",
  "take-back": "Manage again",
  push: "Resend configuration",
  delete: "Delete",
};
/** Starts a job for the selection. The selection stays, except for deleted organizations. */
export function startBulk(kind: BulkKind, selection: Selection, onDone: () => void): void {
  const { finished } = startJob({
    title: TITLES[kind],
    noun: "organization",
    ids: selection.list().map((entry) => entry.organizationId),
    run: (id, signal) => RUN[kind](id, signal),
    onRound: ({ succeeded }) => {
      if (kind === "delete") selection.remove(succeeded);
      onDone();
      void queryClient.invalidateQueries({ queryKey: ["orchestrators-of"] });
    },
  });
  showJobs();
  void finished;
}

const RUN: Readonly<Record<BulkKind, (id: string, signal: AbortSignal) => Promise<void>>> = {
  free: (id, signal) => setIndependence(id, true, signal),
  "take-back": (id, signal) => setIndependence(id, false, signal),
  push: pushConfig,
  async delete(id, signal) {
    const params = { path: { organization_id: id } };
    const remove = () => api.DELETE("/api/v1/controller/organizations/{organization_id}", { params });
    await settle(askInTurn(remove, signal), ["not_found"]);
  },
};

/** Sends a call of a job when it is its turn. The signal only ends the wait: a started call is completed. */
async function askInTurn<T>(call: () => Parameters<typeof ask<T>>[0], signal: AbortSignal): Promise<T> {
  await jobPace.turn(signal);
  const answer = await ask(call());
  jobPace.answered();
  return answer;
}

async function setIndependence(organizationId: string, isIndependent: boolean, signal: AbortSignal): Promise<void> {
  for (const { orchestrator_id: id, is_independent } of await fetchMembers(organizationId, signal)) {
    if (is_independent === isIndependent) continue;
    const params = { path: { orchestrator_id: id } };
    const body = { is_independent: isIndependent };
    const change = () => api.PUT("/api/v1/internal/orchestrators/{orchestrator_id}/independence", { params, body });
    await settle(askInTurn(change, signal), []);
  }
}

/** Offline and independent orchestrators receive the configuration later. */
async function pushConfig(organizationId: string, signal: AbortSignal): Promise<void> {
  for (const { orchestrator_id: id } of await fetchMembers(organizationId, signal)) {
    const params = { path: { orchestrator_id: id } };
    const push = () => api.POST("/api/v1/controller/orchestrators/{orchestrator_id}/config/push", { params });
    await settle(askInTurn(push, signal), ["not_connected", "independent"]);
  }
}

async function fetchMembers(organizationId: string, signal: AbortSignal): Promise<Registered[]> {
  const found: Registered[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { organization_id: organizationId, page_size: MAX_LIMIT, ...(cursor && { cursor }) };
    const read = () => api.GET("/api/v1/internal/orchestrators", { params: { query } });
    const answer = await askInTurn(read, signal);
    found.push(...answer.orchestrators);
    cursor = answer.next_cursor;
  }
  return found;
}

/** A call that the controller has accepted counts as done, and so does one that had no effect. */
async function settle(call: Promise<unknown>, doneCodes: readonly string[]): Promise<void> {
  try {
    await call;
  } catch (error) {
    const failure = toFailure(error);
    if (!failure.isAccepted && !doneCodes.includes(failure.code)) throw failure;
  }
}

// --- Export ---

const EXPORTED = [
  "organization_id",
  "name",
  "location",
  "status",
  "orchestrators",
  "active_orchestrators",
  "worst_health",
  "config_state",
  "version",
  "pending_messages",
  "last_seen",
  "created_at",
] as const satisfies readonly (keyof Organization)[];

/** Up to this number each is loaded separately; beyond it, reading the whole list takes fewer requests. */
const SINGLE_READS = 200;

/** Exports these organizations to a CSV file, independent of the current filter. */
export async function exportCsv(ids: ReadonlySet<string>): Promise<void> {
  const rows = new Map<string, Organization>();
  const isShort = ids.size <= SINGLE_READS;
  const walk = createWalk(fetchAfter, (list) => {
    for (const row of list) if (ids.has(row.organization_id)) rows.set(row.organization_id, row);
    return rows.size === ids.size;
  });
  startJob({
    title: "Export as CSV",
    noun: isShort ? "organization" : "page",
    ids: isShort ? [...ids] : await pageNumbers(),
    async run(id, signal) {
      await jobPace.turn(signal);
      if (!isShort) return await walk.step(signal);
      const row = await fetchIfThere(id, signal);
      if (row) rows.set(id, row);
    },
    onRound: ({ failed, rest }) => {
      if (failed + rest > 0) return;
      void finishExport(ids.size, rows, isShort ? null : walk);
    },
  });
  showJobs();
}

/** The list may have grown since the export started. */
async function finishExport(total: number, rows: Map<string, Organization>, walk: ListWalk | null): Promise<void> {
  try {
    while (walk && !walk.isOver()) await walk.step();
  } catch (error) {
    return void notify({ tone: "danger", text: `Nothing was exported: ${toFailure(error).message}.` });
  }
  const records = [...rows.values()].map((row) => csvRecord(EXPORTED.map((key) => row[key])));
  // Organizations deleted in the meantime are missing; the last line and the notice say so.
  const end = csvEnd(EXPORTED.length, { given: rows.size, total, what: "organizations" });
  saveCsv("organizations", [csvHead(EXPORTED), ...records, end].join(""));
}

async function pageNumbers(): Promise<string[]> {
  const { total_pages } = await fetchAfter(null);
  return Array.from({ length: total_pages }, (_, index) => String(index + 1));
}

/** null: it was deleted after it was selected. */
async function fetchIfThere(id: string, signal: AbortSignal): Promise<Organization | null> {
  try {
    return await fetchOrganization(id, signal);
  } catch (error) {
    if (toFailure(error).code === "not_found") return null;
    throw error;
  }
}
