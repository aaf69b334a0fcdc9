import { errorFields, writeLog } from "./console.ts";
import { settingsOf } from "./settings.ts";

/** What an object or the cron trigger cannot do with wrong settings waits so long: they change with a deployment. */
export const UNCONFIGURED_PAUSE_MS = 60_000;

const told = new WeakSet<Env>();

/** Whether the settings can be used. If not, the log says once which one cannot. */
export function isConfigured(env: Env): boolean {
  try {
    settingsOf(env);
    return true;
  } catch (error) {
    if (!told.has(env)) writeLog(env, "ERROR", "The configuration is wrong", errorFields(error));
    told.add(env);
    return false;
  }
}
