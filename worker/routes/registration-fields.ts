import type { Dropped } from "../contract/cleaning.ts";
import type { RegistrationFields } from "../contract/orchestrator.ts";
import type { RegisterBody } from "../contract/rest/registration.ts";
import { redact } from "../platform/redact.ts";

type Field = keyof RegistrationFields & keyof RegisterBody;

const COPIED = [
  "session_config",
  "name",
  "location",
  "internal_url",
  "container_id",
  "image_name",
  "phoenix_endpoint",
  "admin_email",
  "support_email",
  "website",
  "features",
  "metadata",
] as const satisfies Field[];

/** Stored in place of a secret that nothing here uses: that it is set. */
const SET = "set";

/**
 * The fields to set. null and "" count as absent, because clients send them for missing values. An object without a
 * usable value counts as absent too: it must not empty the stored one.
 */
export function toRegistrationFields(body: RegisterBody, dropped: Dropped[] = []): RegistrationFields {
  const isRuin = (name: Field) =>
    dropped.some(({ path }) => path.startsWith(`${name}.`)) && Object.keys(Object(body[name])).length === 0;
  const isGiven = (name: Field) => body[name] != null && body[name] !== "" && !isRuin(name);
  const fields: RegistrationFields = Object.fromEntries(COPIED.filter(isGiven).map((name) => [name, body[name]]));
  const monitoring = body.monitoring_enabled ?? body.monitoring?.enabled;
  if (monitoring != null) fields.monitoring_enabled = monitoring;
  if (isGiven("database_url")) fields.database_url = SET;
  if (isGiven("redis_url")) fields.redis_url = SET;
  if (body.environment_variables && isGiven("environment_variables")) {
    const names = Object.keys(body.environment_variables).map((name) => redact(name));
    fields.environment_variables = Object.fromEntries(names.map((name) => [name, SET]));
  }
  return fields;
}
