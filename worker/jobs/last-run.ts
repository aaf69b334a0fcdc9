import type { Millis } from "../contract/presence.ts";
import { allShards } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";

const MAX_AGE_MS = 10_000;

let last: { readAt: Millis; at: Millis | null } | null = null;

/** Stores when all scheduled work last succeeded, for `/health`. */
export async function noteScheduled(env: Env, at: Millis): Promise<void> {
  try {
    await allShards(env)[0]?.scheduledAt(at);
  } catch (error) {
    writeLog(env, "ERROR", "The time of the scheduled work could not be stored", errorFields(error));
  }
}

/** When the scheduled work last succeeded, or null. Read at most every 10 s, because anyone may call `/health`. */
export async function lastScheduled(env: Env): Promise<Millis | null> {
  const now = Date.now();
  if (last && now - last.readAt < MAX_AGE_MS) return last.at;
  // A call during a running read returns the previous value.
  last = { readAt: now, at: last?.at ?? null };
  try {
    last = { readAt: now, at: (await allShards(env)[0]?.scheduledAt()) ?? null };
  } catch (error) {
    writeLog(env, "WARNING", "The time of the scheduled work could not be read", errorFields(error));
  }
  return last.at;
}
