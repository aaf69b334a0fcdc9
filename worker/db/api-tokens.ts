import { and, count, eq, gt, isNull, or, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { MakerFacts } from "../contract/makers.ts";
import type { ApiTokenQuery } from "../contract/rest/api-tokens.ts";
import type { ApiToken } from "../contract/session.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import { withDatabase } from "./client.ts";
import { Keyset } from "./keyset.ts";
import { hasGoodMaker, makerOf } from "./makers.ts";
import { apiTokens as tokens } from "./schema.ts";

const { keyId, name, scopes, organizations, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt } = tokens;
const selection = { keyId, name, scopes, organizations, createdBy, createdAt, expiresAt, lastUsedAt, revokedAt };

export type ApiTokenRow = Omit<typeof tokens.$inferSelect, "digest">;

const maker = makerOf(sql`api_tokens.created_by`);

/** An API token ends with the right of its maker to make it. */
function isMakerGood(env: Env, row: { organizations: string[] | null; maker: MakerFacts }): boolean {
  return hasGoodMaker(env, { kind: "api_token", organizations: row.organizations }, row.maker);
}

/** The token of this key id. */
export async function findApiToken(env: Env, id: string): Promise<ApiToken | null> {
  const columns = { ...selection, digest: tokens.digest, maker };
  const [row] = await withDatabase(env, (db) => db.select(columns).from(tokens).where(eq(keyId, id)));
  if (!row) return null;
  return {
    keyId: row.keyId,
    digest: row.digest,
    name: row.name,
    scopes: row.scopes,
    organizations: row.organizations,
    expiresAt: row.expiresAt?.getTime() ?? null,
    isRevoked: row.revokedAt !== null || !isMakerGood(env, row),
    maker: row.createdBy,
  };
}

const order = new Keyset<Pick<ApiTokenRow, "createdAt" | "keyId">>("api_tokens", [
  { column: createdAt, type: "timestamptz", descending: true, of: (row) => row.createdAt },
  { column: keyId, type: "text", of: (row) => row.keyId },
]);

/** One page of the tokens the actor may see, newest first. */
export async function listApiTokens(env: Env, actor: Actor, query: ApiTokenQuery) {
  const where = and(visible(actor), query.ended ? undefined : alive());
  const { after, limit, offset } = order.window(query);
  return await withDatabase(env, async (db) => {
    const [read, [counted]] = await db.batch([
      db
        .select({ ...selection, maker })
        .from(tokens)
        .where(and(where, after))
        .orderBy(...order.orderBy)
        .limit(limit)
        .offset(offset),
      db.select({ total: count() }).from(tokens).where(where),
    ]);
    const rows = read.map((row) => ({ ...row, isMakerGood: isMakerGood(env, row) }));
    return { ...order.take(rows, query), total: counted?.total ?? 0 };
  });
}

export type NewApiToken = Pick<
  typeof tokens.$inferSelect,
  "keyId" | "digest" | "name" | "scopes" | "organizations" | "createdBy" | "expiresAt"
>;

/** Stores a token and its audit row in one transaction. */
export async function createApiToken(env: Env, row: NewApiToken, audit: AuditEntry): Promise<ApiTokenRow> {
  const [[made]] = await withDatabase(env, (db) =>
    db.batch([
      db.insert(tokens).values(row).returning(selection),
      db.execute(sql`SELECT store_audit(${auditRows([audit])}::jsonb)`),
    ]),
  );
  if (!made) throw new Error("the token was not stored");
  return made;
}

/** The token of this key id with its digest, if the actor may see it. */
export async function findVisibleApiToken(env: Env, actor: Actor, id: string) {
  const where = and(eq(keyId, id), visible(actor));
  const [row] = await withDatabase(env, (db) => db.select().from(tokens).where(where));
  return row ?? null;
}

/** The tokens of this maker that are still good. */
export async function listMadeApiTokens(env: Env, maker: string) {
  return await withDatabase(env, (db) =>
    db
      .select()
      .from(tokens)
      .where(and(eq(createdBy, maker), alive())),
  );
}

/** Ends a token and stores the audit row in one statement; once, however often it is asked for. */
export async function revokeApiToken(env: Env, id: string, audit: AuditEntry): Promise<void> {
  await withDatabase(env, (db) =>
    db.execute(sql`WITH ended AS (
        UPDATE api_tokens SET revoked_at = now() WHERE key_id = ${id} AND revoked_at IS NULL RETURNING key_id)
      SELECT store_audit(${auditRows([audit])}::jsonb) FROM ended`),
  );
}

/** Stores the time of use. False: the token is revoked, deleted, or ended with its maker. */
export async function recordApiTokenUse(env: Env, id: string): Promise<boolean> {
  const used = await withDatabase(env, (db) =>
    db
      .update(tokens)
      .set({ lastUsedAt: new Date() })
      .where(and(eq(keyId, id), isNull(revokedAt)))
      .returning({ organizations, maker }),
  );
  return used.some((row) => isMakerGood(env, row));
}

function alive(): SQL | undefined {
  return and(isNull(revokedAt), or(isNull(expiresAt), gt(expiresAt, sql`now()`)));
}

/** A caller that is bound to organizations sees only tokens within them. */
function visible(actor: Actor): SQL | undefined {
  const ids = organizationsOf(actor);
  return ids === null ? undefined : sql`${organizations} <@ ${JSON.stringify(ids)}::jsonb`;
}
