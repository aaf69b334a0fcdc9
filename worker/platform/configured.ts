import { errorFields, writeLog } from "./console.ts";
import { SecretsKeyError, secretsKeyBytes } from "./secrets.ts";
import { BUILD, type Build, readSettings, settingsOf, settingsRead } from "./settings.ts";

/** How long an object or the cron trigger waits while the settings are wrong. */
export const UNCONFIGURED_PAUSE_MS = 60_000;

const told = new WeakSet<Env>();

/** Whether the settings can be used. If not, the log names the wrong one, once. */
export function isConfigured(env: Env): boolean {
  try {
    settingsOf(env);
    return true;
  } catch (error) {
    if (!told.has(env)) writeLog(env, "ERROR", "The settings are not valid", errorFields(error));
    told.add(env);
    return false;
  }
}

const cache = new WeakMap<Env, string[]>();

/** The problems of the environment, each naming its setting; empty when there is none. */
export function settingsProblems<T extends SettingsEnv>(env: T, build: Build): string[] {
  const problems = [...readSettings(env, build).errors];
  if (build === "production") {
    if (!env.DATABASE_URL) problems.push("DATABASE_URL is not set");
    try {
      secretsKeyBytes(env.SECRETS_KEY);
    } catch (error) {
      problems.push(error instanceof SecretsKeyError ? error.message : "SECRETS_KEY cannot be read");
    }
  }
  return problems;
}

/** Variables and secrets of the Worker or of one of its tools. */
interface SettingsEnv {
  DATABASE_URL?: string | undefined;
  SECRETS_KEY?: string | undefined;
}

/** The problems of this isolate's environment, found once. Warnings are logged. */
export function knownProblems(env: Env): string[] {
  const known = cache.get(env);
  if (known) return known;
  const problems = settingsProblems(env, BUILD);
  cache.set(env, problems);
  const { warnings } = settingsRead(env);
  if (warnings.length > 0) writeLog(env, "WARNING", "The settings have warnings", { warnings });
  return problems;
}
