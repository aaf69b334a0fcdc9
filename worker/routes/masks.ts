import type { JsonObject } from "../contract/json.ts";
import { permits } from "../contract/permissions.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError } from "../middleware/errors.ts";
import { maskProblem, redact } from "../platform/redact.ts";

/** A mask is what somebody saw in place of a secret. `parts` are those of the body. */
export function refuseMasks(parts: Record<string, unknown>): void {
  const problem = maskProblem(parts);
  if (problem) throw new ApiError("validation_failed", "The request is not valid", { details: [problem] });
}

/**
 * What people call things is shown to everybody who may see them, and organizations are told to their orchestrators: a
 * secret in it would be shown, and a mask told.
 */
export function refuseSecrets(names: Record<string, string | null | undefined>): void {
  const details = Object.entries(names).flatMap(([name, text]) =>
    text && redact(text) !== text ? [{ path: `/body/${name}`, code: "secret", message: SECRET_IN_NAME }] : [],
  );
  if (details.length > 0) throw new ApiError("validation_failed", "The request is not valid", { details });
}

const SECRET_IN_NAME =
  "looks as if it held a secret, such as a password or a token, and others would see it: leave that out";

interface ConfigParts {
  features: JsonObject;
  settings: JsonObject;
  policies: JsonObject;
}

/** Who may publish sees a configuration as it was published, to go on from there; others see its secrets masked. */
export function shownConfig<T extends ConfigParts>(c: AppContext, config: T): T {
  if (permits(c.get("actor"), "config.publish")) return config;
  const { features, settings, policies } = config;
  return { ...config, features: redact(features), settings: redact(settings), policies: redact(policies) };
}
