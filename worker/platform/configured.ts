import { errorFields, writeLog } from "./console.ts";
import { SecretsKeyError, secretsKeyBytes } from "./secrets.ts";
import { BUILD, type Build, readSettings, settingsOf, settingsRead } from "./settings.ts";

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

const cache = new WeakMap<Env, string[]>();

/** What is wrong with the environment, by the names of settings; empty when all is well. */
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

/** Variables and secrets, as the Worker or one of its tools has them. */
interface SettingsEnv {
  DATABASE_URL?: string | undefined;
  SECRETS_KEY?: string | undefined;
}

/** The problems of this isolate's environment, found once. What is merely odd goes into the log. */
export function knownProblems(env: Env): string[] {
  const known = cache.get(env);
  if (known) return known;
  const problems = settingsProblems(env, BUILD);
  cache.set(env, problems);
  const { warnings } = settingsRead(env);
  if (warnings.length > 0) writeLog(env, "WARNING", "The configuration is odd", { warnings });
  return problems;
}
