import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type Decision, type Message, type MessageStatus, messageStatus } from "../contract/messages.ts";
import type { Millis } from "../contract/presence.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import type { Database } from "./client.ts";

export interface NewMessageRow {
  message: Message & { deliveredAt: Millis | null };
  audit: AuditEntry[];
}

/** The totals of an organization's messages. */
export interface MessageTotals {
  bytes: number;
  pending: number;
}

const totals = z.array(z.object({ bytes: z.coerce.number(), pending: z.coerce.number() }));

/**
 * Stores messages with their audit rows in one statement, each once, except those whose orchestrator is gone. Returns
 * the totals of the organization from before.
 */
export async function storeMessages(
  db: Database,
  orchestratorId: string,
  rows: NewMessageRow[],
): Promise<MessageTotals> {
  const messages = JSON.stringify(rows.map(({ message }) => toRow(message)));
  const audit = auditRows(rows.flatMap((row) => row.audit));
  const result = await db.execute(sql`SELECT store_messages(${messages}::jsonb, ${audit}::jsonb), t.bytes, t.pending
    FROM (${totalsOf(orchestratorId)}) t`);
  return firstOf(result.rows);
}

/** The totals of the organization of this orchestrator. */
export async function readMessageTotals(db: Database, orchestratorId: string): Promise<MessageTotals> {
  return firstOf((await db.execute(totalsOf(orchestratorId))).rows);
}

/** Returns one row, also for an organization without messages. */
function totalsOf(orchestratorId: string): SQL {
  return sql`SELECT coalesce(max(t.bytes), 0) AS bytes, coalesce(max(t.pending), 0) AS pending
    FROM orchestrator_instances i JOIN message_totals t USING (organization_id) WHERE i.orchestrator_id = ${orchestratorId}`;
}

function firstOf(rows: unknown): MessageTotals {
  const [row = { bytes: 0, pending: 0 }] = totals.parse(rows);
  return row;
}

function toRow(message: NewMessageRow["message"]) {
  return {
    id: message.id,
    orchestrator_id: message.orchestratorId,
    message_type: message.type,
    direction: message.direction,
    content: message.content,
    metadata: message.metadata,
    delivered_at: message.deliveredAt,
    created_at: message.createdAt,
  };
}

export async function markDelivered(db: Database, ids: string[], at: Millis): Promise<void> {
  await db.execute(
    sql`SELECT mark_messages_delivered(ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)), ${at}::bigint)`,
  );
}

interface DecisionRequest {
  id: string;
  status: Decision;
  actor: string;
  /** Organizations the caller may see, or null for all. */
  organizations: string[] | null;
  /** null: a message of any orchestrator. */
  orchestratorId: string | null;
}

const answer = z
  .array(
    z.object({
      result: z.object({
        outcome: z.enum(["applied", "unchanged", "decided", "missing"]),
        orchestrator_id: z.string().optional(),
        status: messageStatus.optional(),
      }),
    }),
  )
  .length(1);

/** unchanged: it already has this status. decided: it has the other one. missing: unknown or not visible. */
export interface DecisionOutcome {
  outcome: "applied" | "unchanged" | "decided" | "missing";
  orchestratorId: string | null;
  status: MessageStatus | null;
}

export async function decideMessage(
  db: Database,
  request: DecisionRequest,
  audit: AuditEntry[],
): Promise<DecisionOutcome> {
  const { orchestratorId, ...rest } = request;
  const payload = JSON.stringify({ ...rest, orchestrator_id: orchestratorId });
  const result = await db.execute(sql`SELECT decide_message(${payload}::jsonb, ${auditRows(audit)}::jsonb) AS result`);
  const [row] = answer.parse(result.rows);
  return {
    outcome: row?.result.outcome ?? "missing",
    orchestratorId: row?.result.orchestrator_id ?? null,
    status: row?.result.status ?? null,
  };
}
