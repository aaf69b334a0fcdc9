import { sql } from "drizzle-orm";
import { z } from "zod";
import type { PresenceView } from "../contract/presence.ts";
import { type AuditEntry, auditRows } from "./audit-write.ts";
import type { Database } from "./client.ts";

const answer = z.array(z.object({ known: z.array(z.string()) })).length(1);

function toRow(view: PresenceView) {
  return {
    orchestrator_id: view.orchestratorId,
    generation: view.generation,
    epoch: view.epoch,
    seq: view.seq,
    status: view.status,
    health_status: view.healthStatus,
    is_independent: view.isIndependent,
    privacy_mode: view.privacyMode,
    last_seen: view.lastSeenAt,
    last_activity: view.lastActivityAt,
    config_revision: view.configRevision,
    config_state: view.configState,
    config_error: view.configError,
    config_since: view.configSince ?? null,
    config_running_revision: view.configRunning ?? null,
  };
}

/** Writes presence in one statement; older `(epoch, seq)` pairs change nothing. Returns the ids that have a row. */
export async function applyPresence(db: Database, views: PresenceView[], audit: AuditEntry[] = []): Promise<string[]> {
  const reports = JSON.stringify(views.map(toRow));
  const result = await db.execute(sql`SELECT apply_presence(${reports}::jsonb, ${auditRows(audit)}::jsonb) AS known`);
  return answer.parse(result.rows)[0]?.known ?? [];
}
