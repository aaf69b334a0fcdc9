import type { Millis } from "../contract/presence.ts";
import { allShards } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";

const MAX_AGE_MS = 10_000;

let last: { readAt: Millis; at: Millis | null } | null = null;

/** Notes that all of the scheduled work has succeeded, where `/health` finds it. */
export async function noteScheduled(env: Env, at: Millis): Promise<void> {
  try {
    await allShards(env)[0]?.scheduledAt(at);
  } catch (error) {
    writeLog(env, "ERROR", "That the scheduled work succeeded could not be noted", errorFields(error));
  }
}

/**
 * When the scheduled work last succeeded; null: never, or it cannot be asked. Asked at most every 10 s, because anyone may
 * call `/health`, and never in its way.
 */
export async function lastScheduled(env: Env): Promise<Millis | null> {
  const now = Date.now();
  if (last && now - last.readAt < MAX_AGE_MS) return last.at;
  // Who comes while one call asks hears what was known before.
  last = { readAt: now, at: last?.at ?? null };
  try {
    last = { readAt: now, at: (await allShards(env)[0]?.scheduledAt()) ?? null };
  } catch (error) {
    writeLog(env, "WARNING", "When the scheduled work last succeeded could not be read", errorFields(error));
  }
  return last.at;
}
