import type { RegistrationFields } from "../contract/orchestrator.ts";
import type { RegisterBody } from "../contract/rest/registration.ts";

type Field = keyof RegistrationFields & keyof RegisterBody;

const COPIED = [
  "database_url",
  "redis_url",
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

/** The fields that are to be set. null and "" mean absent: clients send them for what they do not have. */
export function toRegistrationFields(body: RegisterBody): RegistrationFields {
  const isGiven = (name: Field) => body[name] != null && body[name] !== "";
  const fields: RegistrationFields = Object.fromEntries(COPIED.filter(isGiven).map((name) => [name, body[name]]));
  const monitoring = body.monitoring_enabled ?? body.monitoring?.enabled;
  if (monitoring != null) fields.monitoring_enabled = monitoring;
  if (body.environment_variables) {
    fields.environment_variables = Object.fromEntries(
      Object.entries(body.environment_variables).map(([name, value]) => [name, String(value ?? "")]),
    );
  }
  return fields;
}
