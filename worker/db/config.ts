import { sql } from "drizzle-orm";
import { z } from "zod";
import type { OrganizationConfig } from "../contract/config.ts";
import { type JsonObject, jsonObject } from "../contract/json.ts";
import { type AuditEntry, auditRows } from "./audit.ts";
import type { Database } from "./client.ts";

/** A configuration as the SQL functions give it. */
export const configRow = z.object({
  revision: z.number(),
  hash: z.string(),
  features: jsonObject,
  settings: jsonObject,
  policies: jsonObject,
});

interface PublishRequest {
  organizationId: string;
  /** Merge what is given per top-level key, or replace it. */
  merge: boolean;
  /** The revision that must be stored, or null for any. */
  expected: number | null;
  features?: JsonObject;
  settings?: JsonObject;
  policies?: JsonObject;
  actor: string;
  /** Organizations the caller may see, or null for all. */
  organizations: string[] | null;
}

const answer = z
  .array(
    z.object({
      result: z.discriminatedUnion("outcome", [
        configRow.extend({ outcome: z.literal(["applied", "unchanged", "conflict"]) }),
        z.object({ outcome: z.literal("missing") }),
      ]),
    }),
  )
  .length(1);

/** conflict: another revision is stored, given as `config`. missing: unknown or not visible. */
export interface PublishOutcome {
  outcome: "applied" | "unchanged" | "conflict" | "missing";
  config: OrganizationConfig | null;
}

/** Stores the next revision of an organization's configuration in one statement. */
export async function storeConfig(db: Database, request: PublishRequest, audit: AuditEntry[]): Promise<PublishOutcome> {
  const { organizationId, ...rest } = request;
  const payload = JSON.stringify({ ...rest, organization_id: organizationId });
  const rows = await db.execute(sql`SELECT publish_config(${payload}::jsonb, ${auditRows(audit)}::jsonb) AS result`);
  const [row] = answer.parse(rows.rows);
  if (!row || row.result.outcome === "missing") return { outcome: "missing", config: null };
  const { outcome, ...config } = row.result;
  return { outcome, config };
}
