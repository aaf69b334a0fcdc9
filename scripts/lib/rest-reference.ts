import { ERROR_STATUS, type ErrorCode } from "../../worker/contract/values/codes.ts";
import { fieldsOf, type Schema, table, typeText } from "./schema-text.ts";

interface Operation {
  tags: string[];
  summary: string;
  description: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema; description?: string }[];
  requestBody?: { content: { "application/json": { schema: Schema } } };
  responses: Record<string, { description: string; content?: { "application/json": { schema: Schema } } }>;
}

export interface OpenApi {
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const ERRORS: Record<ErrorCode, [meaning: string, client: string]> = {
  invalid_json: ["The body is not JSON", "Fix it"],
  unauthorized: ["No credential, or one that is not valid any more", "Log in again, or use another token"],
  invalid_credentials: ["Wrong name or password, or a link that is not valid any more", "Ask the person again"],
  forbidden: ["The caller may not do this", "Use another account"],
  csrf_rejected: ["A write with a cookie lacks `X-Requested-With: moolai`, or comes from another site", "Send it"],
  origin_rejected: ["The `Origin` header names a page of another host", "Leave it out, or add it to `ALLOWED_ORIGINS`"],
  host_rejected: [
    "A controller in development was reached under a name that is not one of its own machine",
    "Use `localhost`",
  ],
  https_required: ["The call came over plain HTTP", "Use `https://` or `wss://`, and replace the credential"],
  not_found: ["Unknown, or not the caller's to see; no WebSocket is opened here", "Check the id or the path"],
  method_not_allowed: ["The path exists, the method does not; see `Allow`", "Use one of those"],
  already_exists: ["The id is taken, or belongs to another organization", "Take another id"],
  not_connected: ["The orchestrator has no open socket", "Try again when it is connected"],
  independent: ["The orchestrator is independent", "End its independence first"],
  invalid_transition: ["Another decision about the message is stored already", "Read it again"],
  version_conflict: ["The stored revision is not the expected one", "Read it again, then repeat"],
  session_changed: ["This browser is now logged in as another user", "Reload the page"],
  last_superadmin: ["The change would leave no active superadmin", "Make another user superadmin first"],
  sso_decides: [
    "The access of a user with single sign-on comes from the identity provider, and the user has no password here",
    "Change the user's groups at the provider",
  ],
  payload_too_large: ["The body is too large", "Send less"],
  unsupported_media_type: ["The body is not `application/json`, or not in UTF-8", "Set `Content-Type`"],
  validation_failed: ["A value is wrong; `details` says which", "Fix it"],
  upgrade_required: ["A plain GET of `/ws`", "Connect with a WebSocket"],
  rate_limited: ["Too many", "Wait for `Retry-After`"],
  quota_exceeded: [
    "The organization or the account has reached a limit; the message says which one",
    "Remove what is not needed, or ask for a higher limit. Waiting does not help",
  ],
  internal_error: ["A bug; `request_id` finds it in the log", "Report it"],
  database_unavailable: [
    "Postgres does not answer. With `accepted: true` the change is kept and will be finished; with `accepted: false` it is not kept",
    "With `accepted: false`, send it again after `Retry-After`",
  ],
  config_error: ["The deployment is not configured correctly", "Look at its log"],
  build_mismatch: ["A production build has a `DEV_` setting, or a development build has none", "Look at its log"],
  overloaded: ["Too much at once", "Wait for `Retry-After`"],
};

/** Every route by section, the bodies as tables, and what the error codes mean. */
export function restReference(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = document.tags.flatMap(({ name, description }) => {
    const routes = operations.filter(({ operation }) => operation.tags.includes(name));
    return routes.length === 0 ? [] : [`### ${name}\n\n${description}\n\n${routes.map(routeText).join("\n\n")}`];
  });
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return `## REST

Success is always 200. Times are ISO 8601 in UTC with \`Z\`. The same document for programs: \`GET /openapi.json\`.

${sections.join("\n\n")}

### Error codes

Every error has this form: \`{"success":false,"message":"…","error":{"code":"…","request_id":"…","details":[…]}}\`.
With \`database_unavailable\`, \`error.accepted\` says what became of a change. \`true\`: it is kept, and will be finished without
another request. \`false\`: it is not kept; send it again. \`overloaded\` has \`accepted: true\` when a configuration is stored but
its orchestrators do not have it yet.

${table(
  ["code", "status", "means", "the client should"],
  Object.entries(ERRORS).map(([code, row]) => [`\`${code}\``, String(ERROR_STATUS[code as ErrorCode]), ...row]),
)}

### Schemas

${schemas.map(([name, schema]) => schemaText(name, schema)).join("\n\n")}
`;
}

function routeText({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const { parameters = [], requestBody, responses } = operation;
  const { summary, description } = operation;
  const lines = [`#### \`${method} ${path}\``, description.startsWith(`${summary}.`) ? "" : `${summary}.`, description];
  const fields = parameters.map(({ name, in: place, required, schema, description = "" }) => [
    `\`${name}\`${required ? "" : " (optional)"}`,
    place,
    typeText(schema),
    [description, schema.default === undefined ? "" : `Default ${JSON.stringify(schema.default)}`]
      .filter(Boolean)
      .join(". "),
  ]);
  if (fields.length > 0) lines.push(table(["parameter", "in", "type", "meaning"], fields));
  const body = requestBody?.content["application/json"].schema;
  const answer = responses["200"]?.content?.["application/json"].schema;
  const codes = Object.entries(responses)
    .filter(([status]) => status !== "200")
    .flatMap(([, { description }]) => description.match(/`\w+`/g) ?? [])
    .filter((code) => !COMMON.has(code));
  const facts = [
    body ? `Request: ${typeText(body)}` : "",
    answer ? `Answer: ${typeText(answer)}` : "",
    codes.length > 0 ? `Own errors: ${codes.join(", ")}` : "",
  ];
  lines.push(
    facts
      .filter(Boolean)
      .map((fact) => `- ${fact}`)
      .join("\n"),
  );
  return lines.filter(Boolean).join("\n\n");
}

/** Those of every route, or of every route with a caller or a body. */
const COMMON = new Set(
  [
    "validation_failed",
    "internal_error",
    "config_error",
    "overloaded",
    "unauthorized",
    "forbidden",
    "csrf_rejected",
    "origin_rejected",
    "invalid_json",
    "payload_too_large",
    "unsupported_media_type",
  ].map((code) => `\`${code}\``),
);

function schemaText(name: string, schema: Schema): string {
  const fields = fieldsOf(schema).map(({ name: field, type, required, description }) => [
    `\`${field}\`${required ? "" : " (optional)"}`,
    type,
    description,
  ]);
  const what = fields.length > 0 ? table(["field", "type", "meaning"], fields) : typeText(schema);
  return [`#### Schema ${name}`, schema.description ?? "", what].filter(Boolean).join("\n\n");
}
