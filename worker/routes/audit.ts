import { csvEnd, csvHead, csvRecord } from "../../common/csv.ts";
import {
  type AuditQuery,
  type AuditView,
  auditEntry,
  auditFacets,
  auditFilters,
  auditQuery,
} from "../contract/rest/audit.ts";
import { envelope, pageOf, toPage } from "../contract/rest/common.ts";
import { MAX_AUDIT_CSV_ROWS } from "../contract/values/limits.ts";
import { type AuditRow, auditAfter, countAudit, countMatches, listAudit } from "../db/audit-read.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { redact } from "../platform/redact.ts";
import { csvAnswer } from "./csv.ts";
import { createRouter, defineRoute } from "./define.ts";
import { success } from "./success.ts";

const CSV_BATCH = 500;
const COLUMNS = [
  "at",
  "actor",
  "action",
  "target_type",
  "target_id",
  "organization_id",
  "before",
  "after",
  "ip",
  "user_agent",
  "request_id",
  "id",
] as const satisfies (keyof AuditView)[];

const list = defineRoute({
  method: "get",
  path: "/api/v1/controller/audit",
  tag: "Audit",
  summary: "Audit log",
  description: `Newest first: changes, logins and refusals. With \`format=csv\` all matches, at most the newest ${MAX_AUDIT_CSV_ROWS}.`,
  permission: "audit.read",
  request: { query: auditQuery },
  response: envelope(pageOf(auditEntry)),
  csv: true,
  errors: ["database_unavailable"],
});

const facets = defineRoute({
  method: "get",
  path: "/api/v1/controller/audit/facets",
  tag: "Audit",
  summary: "Actions and actors of the audit log",
  permission: "audit.read",
  request: { query: auditFilters },
  response: envelope(auditFacets),
  errors: ["database_unavailable"],
});

export const audit = createRouter();

audit.openapi(facets, async (c) => {
  const data = await countAudit(c.env, c.get("actor"), c.req.valid("query"));
  return success(c, "Audit facets retrieved successfully", { data });
});

audit.openapi(list, async (c) => {
  const query = c.req.valid("query");
  // The types only allow JSON answers.
  if (query.format === "csv") return (await exportCsv(c, query)) as never;
  const { rows, total, nextCursor } = await listAudit(c.env, c.get("actor"), query);
  const data = toPage(rows.map(toView), total, query, nextCursor);
  return success(c, "Audit log retrieved successfully", { data });
});

/** Count and first rows are read before the answer starts, so that an unavailable database is still a 503. */
async function exportCsv(c: AppContext, query: AuditQuery): Promise<Response> {
  const { env } = c;
  const actor = c.get("actor");
  const read = (after: AuditRow | null, limit: number) => auditAfter(env, actor, query, after, limit);
  const [total, first] = await Promise.all([countMatches(env, actor, query), read(null, CSV_BATCH)]);
  const name = `audit-${new Date().toISOString().slice(0, 10)}`;
  const extent = { total, given: Math.min(total, MAX_AUDIT_CSV_ROWS) };
  return csvAnswer(c, name, extent, csvStream(first, total, read));
}

/** An error midway breaks the connection. Without its last line the file is incomplete. */
function csvStream(
  first: AuditRow[],
  total: number,
  read: (after: AuditRow | null, limit: number) => Promise<AuditRow[]>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let rows = first;
  let given = 0;
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(csvHead(COLUMNS))),
    async pull(controller) {
      const records = rows.map((row) => toView(row)).map((view) => csvRecord(COLUMNS.map((column) => view[column])));
      given += rows.length;
      const last = rows.at(-1);
      const limit = Math.min(CSV_BATCH, MAX_AUDIT_CSV_ROWS - given);
      rows = last && rows.length === CSV_BATCH && limit > 0 ? await read(last, limit) : [];
      // Rows that retention has deleted meanwhile are not missing.
      const isAtEnd = rows.length === 0;
      if (isAtEnd) records.push(csvEnd(COLUMNS.length, { given, total: limit > 0 ? given : Math.max(total, given) }));
      controller.enqueue(encoder.encode(records.join("")));
      if (isAtEnd) controller.close();
    },
  });
}

function toView(row: AuditRow): AuditView {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    action: row.action,
    target_type: row.targetType,
    target_id: row.targetId,
    organization_id: row.organizationId,
    // For a published configuration, the statement fills them in.
    before: row.before && redact(row.before),
    after: row.after && redact(row.after),
    ip: row.ip,
    user_agent: row.userAgent,
    request_id: row.requestId,
  };
}
