import { createMiddleware } from "hono/factory";
import { knownProblems } from "../platform/configured.ts";
import { BUILD, buildMismatch, SettingsError } from "../platform/settings.ts";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** Refuses API calls while the settings are wrong. Only the log names the setting. */
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
    "This controller refuses every request: it is the production build and has a DEV_ setting. Its operator must delete that setting, which the log names. On your own machine, start it with `npm start` or `npm run dev:worker`.",
  development:
    "This controller refuses every request: it is the development build and has no DEV_ setting. Its operator must deploy it with `npm run deploy`.",
};
