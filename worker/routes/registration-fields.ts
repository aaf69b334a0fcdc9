import type { RegistrationFields } from "../contract/orchestrator.ts";
import type { RegisterBody } from "../contract/rest/registration.ts";
import { redact } from "../redact.ts";

const COPIED = [
  "name",
  "location",
  "internal_url",
  "database_url",
  "redis_url",
  "container_id",
  "image_name",
  "phoenix_endpoint",
  "admin_email",
  "support_email",
  "website",
  "features",
  "metadata",
  "session_config",
] as const satisfies (keyof RegistrationFields & keyof RegisterBody)[];

/** The fields that are to be set. null and "" mean absent: clients send them for what they do not have. */
export function toRegistrationFields(body: RegisterBody): RegistrationFields {
  const given = COPIED.filter((name) => body[name] != null && body[name] !== "");
  const fields: RegistrationFields = Object.fromEntries(given.map((name) => [name, body[name]]));
  // It is shown to viewers and told back in provisioning.
  if (fields.metadata) fields.metadata = redact(fields.metadata);
  const monitoring = body.monitoring_enabled ?? body.monitoring?.enabled;
  if (monitoring != null) fields.monitoring_enabled = monitoring;
  if (body.environment_variables) {
    fields.environment_variables = Object.fromEntries(
      Object.entries(body.environment_variables).map(([name, value]) => [name, String(value ?? "")]),
    );
  }
  return fields;
}
