import { withDatabase } from "../db/client.ts";
import { type Deleted, deleteOld } from "../db/retention.ts";
import { settingsOf } from "../platform/settings.ts";

const DAY_MS = 86_400_000;
/** Ids of usage reports are kept at least this long, so that a repeated report is not counted again. */
const REPORT_DAYS = 401;
const BATCH = 2_000;
const BATCHES_PER_RUN = 10;

/**
 * Deletes messages, audit rows and usage older than the settings allow. Small batches hold no lock for long; the next
 * run continues.
 */
export async function runRetention(env: Env, now: Date): Promise<Deleted> {
  const { messageDays, auditDays, usageDays } = settingsOf(env).retention;
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const before = {
    messages: ago(messageDays),
    audit: ago(auditDays),
    usage: ago(usageDays),
    reports: ago(Math.max(usageDays, REPORT_DAYS)),
  };
  const deleted: Deleted = { messages: 0, audit: 0, usage: 0 };
  for (let round = 0; round < BATCHES_PER_RUN; round++) {
    const batch = await withDatabase(env, (db) => deleteOld(db, before, BATCH));
    deleted.messages += batch.messages;
    deleted.audit += batch.audit;
    deleted.usage += batch.usage;
    if (batch.messages < BATCH && batch.audit < BATCH && batch.usage < BATCH) break;
  }
  return deleted;
}
