import { z } from "zod";
import { organizationId } from "../ids.ts";
import { jsonObject } from "../json.ts";
import { MAX_AUDIT_CSV_ROWS } from "../values/limits.ts";
import { moment, pageQuery, searchText } from "./common.ts";
import { fromDate, toDate } from "./dates.ts";

/** Facets count this many of the newest matching entries. */
export const FACET_ENTRIES = 10_000;

const filters = {
  q: searchText.meta({ description: "Part of actor, action, target, organization, address or request id" }),
  actor: searchText.meta({ description: "Part of the actor, such as `user:ada`" }),
  action: z
    .string()
    .regex(/^[a-z_.]{1,64}$/, "must be an action")
    .optional()
    .meta({ description: "An action such as `config.publish`, or a group of them such as `auth`" }),
  target: searchText.meta({ description: "The exact id of the changed thing" }),
  organization_id: organizationId.optional(),
  from: fromDate.optional().meta({ description: "Not before this date or moment, UTC" }),
  to: toDate.optional().meta({ description: "Before this moment, or until the end of this date, UTC" }),
};

export const auditFilters = z.object(filters);

export const auditQuery = z.object({
  ...pageQuery,
  ...filters,
  format: z
    .enum(["json", "csv"])
    .default("json")
    .meta({ description: `csv: all matches without pages, at most the newest ${MAX_AUDIT_CSV_ROWS}` }),
});

export const auditEntry = z
  .object({
    id: z.string(),
    at: moment,
    actor: z.string().meta({ example: "user:superadmin" }),
    action: z.string().meta({ example: "orchestrator.independence" }),
    target_type: z.string(),
    target_id: z.string(),
    organization_id: z.string().nullable(),
    before: jsonObject.nullable(),
    after: jsonObject.nullable(),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    request_id: z.string().nullable(),
  })
  .meta({ id: "AuditEntry", description: "A change, a login or a refusal; equal refusals of a minute carry a count" });

const counted = z.array(z.object({ value: z.string(), count: z.int() }));

export const auditFacets = z.object({ actions: counted, actors: counted }).meta({
  id: "AuditFacets",
  description: `Actions and actors among the newest ${FACET_ENTRIES} entries that match, the most frequent first; each is counted with every filter except its own`,
});

export type AuditFilters = z.infer<typeof auditFilters>;
export type AuditView = z.infer<typeof auditEntry>;
export type AuditQuery = z.infer<typeof auditQuery>;
