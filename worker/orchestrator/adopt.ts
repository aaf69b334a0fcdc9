import type { Names } from "../contract/orchestrator.ts";
import { later, type Millis } from "../contract/presence.ts";
import { DatabaseUnavailable, withDatabase } from "../db/client.ts";
import { findRegistration, type RegistrationOutcome } from "../db/registration.ts";
import { findMask, redact } from "../platform/redact.ts";
import { renamed } from "./commands.ts";
import type { Core } from "./core.ts";
import { newRecord, type OrchestratorRecord } from "./state.ts";

/**
 * An object without a record asks Postgres before it calls an orchestrator unknown: its storage may be the part that
 * was lost. False: Postgres does not answer.
 */
export async function adopt(core: Core): Promise<boolean> {
  if (core.record) return true;
  const known = await askPostgres(core.env, core.ownId);
  if (known === "unavailable") return false;
  // A handshake may have come meanwhile.
  if (known?.organization_id && !core.record) {
    const record = newRecord(core.ownId, known.organization_id, Date.now());
    core.save(withKnownNames(withKnown(record, known, 0), known, Date.now()));
  }
  return true;
}

/** Whether Postgres has an orchestrator of this id; not while it does not answer. */
export async function isInPostgres(env: Env, orchestratorId: string): Promise<boolean> {
  const known = await askPostgres(env, orchestratorId);
  return known !== null && known !== "unavailable";
}

async function askPostgres(env: Env, orchestratorId: string): Promise<RegistrationOutcome | "unavailable" | null> {
  try {
    return await withDatabase(env, (db) => findRegistration(db, orchestratorId));
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return "unavailable";
    throw error;
  }
}

/**
 * The record with the name and the location that somebody has set, as Postgres knows them; the same when it knew them.
 * `since` is when the question was asked: what was named after that is newer than the answer.
 */
export function withKnownNames(
  record: OrchestratorRecord,
  known: RegistrationOutcome,
  since: Millis,
): OrchestratorRecord {
  if (record.namedAt > since) return record;
  const names: Names = {
    ...(known.name_set && known.name && isNews(known.name, record.profile.name) && { name: known.name }),
    ...(known.location_set &&
      isNews(known.location ?? null, record.profile.location) && { location: known.location ?? null }),
  };
  return Object.keys(names).length > 0 ? renamed(record, names) : record;
}

/** Postgres holds the copy for viewers: what is masked there is not the name. */
function isNews(stored: string | null, own: string | null): boolean {
  return stored !== own && stored !== (own && redact(own)) && findMask(stored) === null;
}

/** The record, raised above what Postgres holds when that is the newer of the two. */
export function withKnown(record: OrchestratorRecord, known: RegistrationOutcome, seq: number): OrchestratorRecord {
  const generation = Math.max(record.generation, known.generation);
  const { epoch = 0, seq: knownSeq = 0 } = known;
  const isBehind = epoch > record.epoch || (epoch === record.epoch && knownSeq > seq);
  if (!isBehind) return { ...record, generation };
  return {
    ...record,
    generation,
    epoch: epoch + 1,
    isIndependent: known.is_independent ?? record.isIndependent,
    privacyMode: known.privacy_mode ?? record.privacyMode,
    lastSeenAt: later(record.lastSeenAt, known.last_seen ?? null),
  };
}
