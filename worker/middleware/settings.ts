import { createMiddleware } from "hono/factory";
import { isDevelopment, SettingsError, settingsOf } from "../config.ts";
import { SecretsKeyError, secretsKeyBytes } from "../secrets.ts";
import type { AppEnv } from "./app-env.ts";

const DEVELOPMENT_SETTINGS = ["DEV_BEARER_TOKEN", "DEV_ADMIN_USERNAME", "DEV_ADMIN_PASSWORD"] as const;
const cache = new WeakMap<Env, string[]>();

/** What is wrong with the environment, by the names of settings; empty when all is well. */
export function settingsProblems(env: Env, development = isDevelopment): string[] {
  const problems: string[] = [];
  try {
    settingsOf(env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(error.message);
  }
  if (!development) {
    const present = DEVELOPMENT_SETTINGS.filter((name) => env[name] !== undefined);
    if (present.length > 0) problems.push(`development settings in production: ${present.join(", ")}`);
    if (!env.DATABASE_URL) problems.push("DATABASE_URL is not set");
    try {
      secretsKeyBytes(env.SECRETS_KEY);
    } catch (error) {
      problems.push(error instanceof SecretsKeyError ? error.message : "SECRETS_KEY cannot be read");
    }
  }
  return problems;
}

/** The problems of this isolate's environment, found once. */
export function knownProblems(env: Env): string[] {
  const known = cache.get(env) ?? settingsProblems(env);
  cache.set(env, known);
  return known;
}

/** Refuses API calls while the controller is wrongly configured. Only the log says which setting it is. */
export const requireSettings = createMiddleware<AppEnv>(async (c, next) => {
  const problems = knownProblems(c.env);
  if (problems.length > 0) {
    throw new SettingsError(problems.join("; "));
  }
  await next();
});
