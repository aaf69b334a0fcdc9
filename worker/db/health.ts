import { sql } from "drizzle-orm";
import { errorFields, writeLog } from "../platform/console.ts";
import { DatabaseUnavailable, withDatabase } from "./client.ts";

const MAX_AGE_MS = 5_000;

let last: { at: number; up: boolean } | null = null;

/**
 * Whether Postgres answers. It is asked at most every few seconds, because anyone may call `/health`. A call during a
 * running check returns the previous result.
 */
export async function isDatabaseUp(env: Env): Promise<boolean> {
  const now = Date.now();
  if (last && now - last.at < MAX_AGE_MS) return last.up;
  if (last) last = { at: now, up: last.up };
  const up = await ask(env);
  last = { at: Date.now(), up };
  return up;
}

async function ask(env: Env): Promise<boolean> {
  try {
    await withDatabase(env, (db) => db.execute(sql`select 1`));
    return true;
  } catch (error) {
    // A controller that cannot use its database is reported as such, whatever the reason.
    if (!(error instanceof DatabaseUnavailable)) writeLog(env, "ERROR", "Postgres cannot be used", errorFields(error));
    return false;
  }
}
