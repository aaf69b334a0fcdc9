import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { QuotaKind } from "../contract/quotas.ts";
import { withDatabase } from "./client.ts";

/** The quotas that are counted in Postgres when one more is made. */
export type CountedQuota = Extract<
  QuotaKind,
  | "users_per_organization"
  | "join_tokens_per_organization"
  | "api_tokens_per_account"
  | "configurations_per_day_per_organization"
>;

/** Includes everything made within a day; otherwise somebody could make any number by revoking each one at once. */
const IN_USE = sql`(created_at > now() - interval '1 day' OR (revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())))`;

function countOf(kind: CountedQuota, holder: string, limit: number): SQL {
  switch (kind) {
    case "users_per_organization":
      // A user of single sign-on cannot be unbound here, so deactivating one makes room.
      return sql`SELECT count(*) AS held FROM users WHERE organizations ? ${holder} AND (is_active OR sso_issuer IS NULL)`;
    case "join_tokens_per_organization":
      return sql`SELECT count(*) AS held FROM join_tokens WHERE organization_id = ${holder} AND ${IN_USE}`;
    case "api_tokens_per_account":
      return sql`SELECT count(*) AS held FROM api_tokens WHERE created_by = ${holder} AND ${IN_USE}`;
    case "configurations_per_day_per_organization":
      // Looks only at the row so far back, however many there are.
      return sql`SELECT count(*) * ${limit}::int AS held FROM (
          SELECT created_at FROM config_revisions WHERE organization_id = ${holder}
          ORDER BY revision DESC OFFSET ${limit}::int - 1 LIMIT 1) AS far
        WHERE far.created_at > now() - interval '1 day'`;
  }
}

const answer = z.array(z.object({ held: z.coerce.number() })).length(1);

/** Whether the organization or account has reached the limit. */
export async function isQuotaReached(env: Env, kind: CountedQuota, holder: string, limit: number): Promise<boolean> {
  const { rows } = await withDatabase(env, (db) => db.execute(countOf(kind, holder, limit)));
  const [row] = answer.parse(rows);
  return (row?.held ?? 0) >= limit;
}
