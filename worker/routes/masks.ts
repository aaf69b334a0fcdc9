import type { JsonObject } from "../contract/json.ts";
import { permits } from "../contract/permissions.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError } from "../middleware/errors.ts";
import { findMask, redact } from "../redact.ts";

/** A mask is what somebody saw in place of a secret: stored, it would destroy the secret. `parts` are those of the body. */
export function refuseMasks(parts: Record<string, unknown>): void {
  const path = findMask(parts);
  if (path === null) return;
  const message = "is the mask that stands in place of a secret: send the secret itself, or leave this out";
  const details = [{ path: `/body${path}`, code: "masked", message }];
  throw new ApiError("validation_failed", "The request is not valid", { details });
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
