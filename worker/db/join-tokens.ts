import { and, count, eq, gt, isNull, sql } from "drizzle-orm";
import type { Actor } from "../contract/actor.ts";
import type { MakerFacts } from "../contract/makers.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import { withDatabase } from "./client.ts";
import { Keyset, type Walk } from "./keyset.ts";
import { hasGoodMaker, makerOf } from "./makers.ts";
import { visibleOrganizations } from "./organization-filters.ts";
import { joinTokens, organizations } from "./schema.ts";

const shown = {
  keyId: joinTokens.keyId,
  organizationId: joinTokens.organizationId,
  orchestratorId: joinTokens.orchestratorId,
  label: joinTokens.label,
  maxUses: joinTokens.maxUses,
  uses: joinTokens.uses,
  createdBy: joinTokens.createdBy,
  createdAt: joinTokens.createdAt,
  expiresAt: joinTokens.expiresAt,
  revokedAt: joinTokens.revokedAt,
};

export type JoinTokenRow = Omit<typeof joinTokens.$inferSelect, "digest">;

const maker = makerOf(sql`join_tokens.created_by`);

/** A join token ends with the right of its maker to make it. */
function isMakerGood(env: Env, row: { organizationId: string; maker: MakerFacts }): boolean {
  return hasGoodMaker(env, { kind: "join_token", organizationId: row.organizationId }, row.maker);
}

export type NewJoinToken = Omit<typeof joinTokens.$inferSelect, "uses" | "revokedAt">;

/** Stores a join token and its audit row in one statement. False: no such organization. */
export async function createJoinToken(env: Env, row: NewJoinToken, audit: AuditEntry): Promise<boolean> {
  const result = await withDatabase(env, (db) =>
    db.execute(sql`WITH made AS (
        INSERT INTO join_tokens (key_id, digest, organization_id, orchestrator_id, label, max_uses, created_by, created_at, expires_at)
        SELECT ${row.keyId}, ${row.digest}, o.organization_id, ${row.orchestratorId}, ${row.label}, ${row.maxUses}::int,
          ${row.createdBy}, ${row.createdAt.toISOString()}::timestamptz, ${row.expiresAt.toISOString()}::timestamptz
        FROM organizations o WHERE o.organization_id = ${row.organizationId}
        RETURNING key_id)
      SELECT store_audit(${auditRows([audit])}::jsonb) FROM made`),
  );
  return result.rows.length > 0;
}

/** One page of the join tokens of an organization, newest first. Null: unknown or not visible. */
export async function listJoinTokens(env: Env, actor: Actor, organizationId: string, query: Walk) {
  const order = new Keyset<Pick<JoinTokenRow, "createdAt" | "keyId">>(`join_tokens of ${organizationId}`, [
    { column: joinTokens.createdAt, type: "timestamptz", descending: true, of: (row) => row.createdAt },
    { column: joinTokens.keyId, type: "text", of: (row) => row.keyId },
  ]);
  const { after, limit, offset } = order.window(query);
  const own = eq(joinTokens.organizationId, organizationId);
  return await withDatabase(env, async (db) => {
    const [[organization], read, [counted]] = await db.batch([
      db
        .select({ organizationId: organizations.organizationId })
        .from(organizations)
        .where(and(eq(organizations.organizationId, organizationId), visibleOrganizations(actor))),
      db
        .select({ ...shown, maker })
        .from(joinTokens)
        .where(and(own, after))
        .orderBy(...order.orderBy)
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(joinTokens).where(own),
    ]);
    if (!organization) return null;
    const rows = read.map((row) => ({ ...row, isMakerGood: isMakerGood(env, row) }));
    return { ...order.take(rows, query), total: counted?.total ?? 0 };
  });
}

/** The join tokens of this maker that are still good. */
export async function listMadeJoinTokens(env: Env, maker: string): Promise<JoinTokenRow[]> {
  const alive = and(isNull(joinTokens.revokedAt), gt(joinTokens.expiresAt, sql`now()`));
  return await withDatabase(env, (db) =>
    db
      .select(shown)
      .from(joinTokens)
      .where(and(eq(joinTokens.createdBy, maker), alive)),
  );
}

/** Ends a join token, once, with its audit row in the same statement. False: the organization has no such token. */
export async function revokeJoinToken(
  env: Env,
  { organizationId, keyId }: { organizationId: string; keyId: string },
  audit: AuditEntry,
): Promise<boolean> {
  return await withDatabase(env, async (db) => {
    const ended = await db.execute(sql`WITH ended AS (
        UPDATE join_tokens SET revoked_at = now()
        WHERE key_id = ${keyId} AND organization_id = ${organizationId} AND revoked_at IS NULL
        RETURNING key_id)
      SELECT store_audit(${auditRows([audit])}::jsonb) FROM ended`);
    if (ended.rows.length > 0) return true;
    const own = and(eq(joinTokens.keyId, keyId), eq(joinTokens.organizationId, organizationId));
    return (await db.select({ keyId: joinTokens.keyId }).from(joinTokens).where(own)).length > 0;
  });
}

/** What is needed to check a join token that was presented; null: no such token, or its maker could not make it any more. */
export async function findJoinToken(env: Env, keyId: string) {
  const { digest, organizationId, orchestratorId } = joinTokens;
  const columns = { digest, organizationId, orchestratorId, maker };
  const [row] = await withDatabase(env, (db) => db.select(columns).from(joinTokens).where(eq(joinTokens.keyId, keyId)));
  return row && isMakerGood(env, row) ? row : null;
}

/** Counts one use, if there is one left: however many come at the same time, no more than it has. */
export async function takeJoinUse(env: Env, keyId: string): Promise<boolean> {
  const result = await withDatabase(env, (db) =>
    db.execute(sql`UPDATE join_tokens SET uses = uses + 1
      WHERE key_id = ${keyId} AND uses < max_uses AND revoked_at IS NULL AND expires_at > now() RETURNING key_id`),
  );
  return result.rows.length > 0;
}

/** Gives back a use that led to no token. */
export async function returnJoinUse(env: Env, keyId: string): Promise<void> {
  await withDatabase(env, (db) =>
    db
      .update(joinTokens)
      .set({ uses: sql`greatest(${joinTokens.uses} - 1, 0)` })
      .where(and(eq(joinTokens.keyId, keyId), isNull(joinTokens.revokedAt))),
  );
}
