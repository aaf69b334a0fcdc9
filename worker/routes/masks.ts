import type { JsonObject } from "../contract/json.ts";
import { permits } from "../contract/permissions.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError } from "../middleware/errors.ts";
import { maskProblem, redact } from "../platform/redact.ts";

/** Refuses masks, which viewers see in place of secrets. `parts` are those of the body. */
export function refuseMasks(parts: Record<string, unknown>): void {
  const problem = maskProblem(parts);
  if (problem) throw new ApiError("validation_failed", "The request is not valid", { details: [problem] });
}

/**
 * Refuses names that contain a secret. Everybody who may see the thing sees its name, and orchestrators are sent the
 * names of organizations.
 */
export function refuseSecrets(names: Record<string, string | null | undefined>): void {
  const details = Object.entries(names).flatMap(([name, text]) =>
    text && redact(text) !== text ? [{ path: `/body/${name}`, code: "secret", message: SECRET_IN_NAME }] : [],
  );
  if (details.length > 0) throw new ApiError("validation_failed", "The request is not valid", { details });
}

const SECRET_IN_NAME = "seems to contain a secret, such as a password or a token, which others would see: remove it";

interface ConfigParts {
  features: JsonObject;
  settings: JsonObject;
  policies: JsonObject;
}

/** A caller who may publish sees the configuration unmasked, in order to edit it. Others see its secrets masked. */
export function shownConfig<T extends ConfigParts>(c: AppContext, config: T): T {
  if (permits(c.get("actor"), "config.publish")) return config;
  const { features, settings, policies } = config;
  return { ...config, features: redact(features), settings: redact(settings), policies: redact(policies) };
}
