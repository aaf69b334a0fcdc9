import { createMiddleware } from "hono/factory";
import { writeLog } from "../platform/console.ts";
import { SecretsKeyError, secretsKeyBytes } from "../platform/secrets.ts";
import { BUILD, type Build, buildMismatch, readSettings, SettingsError, settingsRead } from "../platform/settings.ts";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

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

/** Refuses API calls while the controller is wrongly configured. Only the log says which setting it is. */
export const requireSettings = createMiddleware<AppEnv>(async (c, next) => {
  const problems = knownProblems(c.env);
  if (problems.length > 0) {
    throw new SettingsError(problems.join("; "));
  }
  await next();
});

/** Refuses every request when the build and the settings do not fit each other. Only the log names the settings. */
export const requireFittingBuild = createMiddleware<AppEnv>(async (c, next) => {
  const mismatch = buildMismatch(c.env, BUILD);
  if (mismatch !== null) throw new ApiError("build_mismatch", MISMATCH[BUILD], { cause: new SettingsError(mismatch) });
  await next();
});

const MISMATCH = {
  production:
    "This controller refuses everything: it is the production build, and has a DEV_ setting. Whoever runs it has to delete that setting; the log names it. On your own machine, start it with `npm start` or `npm run dev:worker`.",
  development:
    "This controller refuses everything: it is the development build, and no DEV_ setting asks for that. Whoever runs it has to deploy it with `npm run deploy`.",
};
