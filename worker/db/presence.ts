import { sql } from "drizzle-orm";
import { z } from "zod";
import { inMillis, type PresenceView, toWire } from "../contract/presence.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import type { Database } from "./client.ts";
import type { orchestratorInstances } from "./schema.ts";

const answer = z.array(z.object({ known: z.array(z.string()) })).length(1);

function toReport(view: PresenceView) {
  const { orchestratorId: orchestrator_id, generation, epoch, seq } = view;
  return { orchestrator_id, generation, epoch, seq, ...toWire(view, inMillis) };
}

type Column = "presenceEpoch" | "presenceSeq" | "lastSeen" | "lastActivity" | "configSince";
type SameField = Exclude<keyof PresenceView & keyof Instance, Column>;
type Instance = typeof orchestratorInstances.$inferSelect;

/** What a row holds of the presence. It does not know about sockets, so that nobody is connected. */
export function fromRow(row: Pick<Instance, SameField | Column>): PresenceView {
  const { presenceEpoch: epoch, presenceSeq: seq, lastSeen, lastActivity, configSince, ...same } = row;
  return {
    ...same,
    epoch,
    seq,
    lastSeenAt: lastSeen?.getTime() ?? null,
    lastActivityAt: lastActivity?.getTime() ?? null,
    configSince: configSince?.getTime() ?? null,
    connected: false,
    connectedAt: null,
    expiresAt: null,
  };
}

/** Writes presence in one statement; older `(epoch, seq)` pairs change nothing. Returns the ids that have a row. */
export async function applyPresence(db: Database, views: PresenceView[], audit: AuditEntry[] = []): Promise<string[]> {
  const reports = JSON.stringify(views.map(toReport));
  const result = await db.execute(sql`SELECT apply_presence(${reports}::jsonb, ${auditRows(audit)}::jsonb) AS known`);
  return answer.parse(result.rows)[0]?.known ?? [];
}
