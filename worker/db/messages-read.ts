import { and, count, eq, getTableColumns, gte, inArray, lt, type SQL, sql } from "drizzle-orm";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { MessageQuery } from "../contract/rest/messages.ts";
import { withDatabase } from "./client.ts";
import { Keyset } from "./keyset.ts";
import { orchestratorInstances as instances, orchestratorMessages as messages, organizations } from "./schema.ts";
import { contains, folded } from "./text-match.ts";

const selection = {
  ...getTableColumns(messages),
  orchestratorName: instances.name,
  organizationId: instances.organizationId,
  organizationName: organizations.name,
  isIndependent: instances.isIndependent,
};
const ofInstance = eq(instances.orchestratorId, messages.orchestratorId);
const ofOrganization = eq(organizations.organizationId, instances.organizationId);

const order = new Keyset<Pick<typeof messages.$inferSelect, "createdAt" | "id">>("messages", [
  { column: messages.createdAt, type: "timestamptz", descending: true, of: (row) => row.createdAt },
  { column: messages.id, type: "text", descending: true, of: (row) => row.id },
]);

export type MessageRow = Awaited<ReturnType<typeof listMessages>>["rows"][number];

/** The newest messages that the actor may see, and the number of matches, in one call. */
export async function listMessages(env: Env, actor: Actor, query: MessageQuery) {
  const { message_type, status, direction, severity, orchestrator_id, organization_id, include_independent } = query;
  const { since, until, q } = query;
  const where = and(
    visible(actor),
    message_type && eq(messages.messageType, message_type),
    status && eq(messages.status, status),
    direction && eq(messages.direction, direction),
    severity ? sql`lower(${messages.messageMetadata}->>'severity') = ${severity}` : undefined,
    orchestrator_id ? eq(messages.orchestratorId, orchestrator_id) : undefined,
    organization_id ? eq(instances.organizationId, organization_id) : undefined,
    include_independent ? undefined : eq(instances.isIndependent, false),
    since && gte(messages.createdAt, since),
    until && lt(messages.createdAt, until),
    q ? contains(folded(messages.content), q) : undefined,
  );
  const walk = { ...query, page: 1, page_size: query.limit.value };
  const { after, limit } = order.window(walk);
  return await withDatabase(env, async (db) => {
    const [read, [counted]] = await db.batch([
      db
        .select(selection)
        .from(messages)
        .innerJoin(instances, ofInstance)
        .innerJoin(organizations, ofOrganization)
        .where(and(where, after))
        .orderBy(...order.orderBy)
        .limit(limit),
      db.select({ total: count() }).from(messages).innerJoin(instances, ofInstance).where(where),
    ]);
    return { ...order.take(read, walk), total: counted?.total ?? 0 };
  });
}

export async function findMessage(env: Env, actor: Actor, id: string): Promise<MessageRow | null> {
  const rows = await withDatabase(env, (db) =>
    db
      .select(selection)
      .from(messages)
      .innerJoin(instances, ofInstance)
      .innerJoin(organizations, ofOrganization)
      .where(and(eq(messages.id, id), visible(actor)))
      .limit(1),
  );
  return rows[0] ?? null;
}

function visible(actor: Actor): SQL | undefined {
  const ids = organizationsOf(actor);
  const own = actor.kind === "agent" ? actor.orchestratorId : null;
  return and(
    ids === null ? undefined : inArray(instances.organizationId, ids),
    own === null ? undefined : eq(instances.orchestratorId, own),
  );
}
