import type { JsonObject } from "../contract/json.ts";
import { permits } from "../contract/permissions.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError } from "../middleware/errors.ts";
import { maskProblem, redact } from "../redact.ts";

/** A mask is what somebody saw in place of a secret. `parts` are those of the body. */
export function refuseMasks(parts: Record<string, unknown>): void {
  const problem = maskProblem(parts);
  if (problem) throw new ApiError("validation_failed", "The request is not valid", { details: [problem] });
}

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
