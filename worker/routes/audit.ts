import {
  type AuditQuery,
  type AuditView,
  auditEntry,
  auditFacets,
  auditFilters,
  auditQuery,
  MAX_CSV_ROWS,
} from "../contract/rest/audit.ts";
import { envelope, pageOf, toPage } from "../contract/rest/common.ts";
import { type AuditRow, auditAfter, countAudit, listAudit } from "../db/audit-log.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { redact } from "../redact.ts";
import { csvRecord } from "./csv.ts";
import { createRouter, defineRoute } from "./define.ts";

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
  description: `Newest first: changes, logins and refusals. With \`format=csv\` all matches as RFC 4180, at most ${MAX_CSV_ROWS}.`,
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
  return c.json({ success: true as const, message: "Audit facets retrieved successfully", data }, 200);
});

audit.openapi(list, async (c) => {
  const query = c.req.valid("query");
  // The types know of JSON answers only.
  if (query.format === "csv") return (await exportCsv(c, query)) as never;
  const { rows, total } = await listAudit(c.env, c.get("actor"), query);
  const data = toPage(rows.map(toView), total, query);
  return c.json({ success: true as const, message: "Audit log retrieved successfully", data }, 200);
});

/** The first rows are read before the answer begins, so that a database that is away is still a 503. */
async function exportCsv(c: AppContext, query: AuditQuery): Promise<Response> {
  const { env } = c;
  const actor = c.get("actor");
  const read = (after: AuditRow | null) => auditAfter(env, actor, query, after, CSV_BATCH);
  let rows = await read(null);
  let written = 0;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(csvRecord([...COLUMNS]))),
    async pull(controller) {
      const records = rows.map((row) => toView(row)).map((view) => csvRecord(COLUMNS.map((column) => view[column])));
      if (records.length > 0) controller.enqueue(encoder.encode(records.join("")));
      written += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < CSV_BATCH || written >= MAX_CSV_ROWS) return controller.close();
      rows = await read(last);
      if (rows.length === 0) controller.close();
    },
  });
  return c.body(body, 200, {
    "Content-Type": "text/csv; charset=utf-8; header=present",
    "Content-Disposition": `attachment; filename="audit-${new Date().toISOString().slice(0, 10)}.csv"`,
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
    // The statement fills this in when it publishes a configuration.
    before: row.before && redact(row.before),
    after: row.after,
    ip: row.ip,
    user_agent: row.userAgent,
    request_id: row.requestId,
  };
}
