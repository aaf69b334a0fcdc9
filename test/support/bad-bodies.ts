import type { ErrorCode } from "../../worker/contract/values/codes.ts";

export interface BadRequest {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Sends the body without a Content-Length. */
  streamed?: boolean;
  /** null sends no credential. */
  bearer?: string | null;
  status: number;
  code: ErrorCode;
  /** Only the database can tell, so while it is away 503 is right as well. */
  asksDatabase?: boolean;
}

const INTERNAL = "/api/v1/internal";
const CONTROLLER = "/api/v1/controller";
const KIB = 1024;

/** Registered before the requests are sent. */
export const KNOWN_ID = "org-known";

interface BodyRoute {
  method: string;
  path: string;
  valid: Record<string, unknown>;
  maxBytes: number;
  /** It has decoration, which is cleaned: `features` decorate it, or it does not know them. */
  isLenient?: true;
}

const bodyRoutes: BodyRoute[] = [
  {
    method: "POST",
    path: `${INTERNAL}/orchestrators/register`,
    valid: { orchestrator_id: "org-new" },
    maxBytes: 1024 * KIB,
    isLenient: true,
  },
  {
    method: "POST",
    path: `${INTERNAL}/orchestrators/heartbeat`,
    valid: { orchestrator_id: KNOWN_ID },
    maxBytes: 1024 * KIB,
    isLenient: true,
  },
  {
    method: "PUT",
    path: `${INTERNAL}/orchestrators/${KNOWN_ID}/independence`,
    valid: { is_independent: false },
    maxBytes: 64 * KIB,
  },
  {
    method: "POST",
    path: `${INTERNAL}/auth/login`,
    valid: { username: "superadmin", password: "moolai-dev" },
    maxBytes: 64 * KIB,
  },
  {
    method: "POST",
    path: `${INTERNAL}/orchestrators/${KNOWN_ID}/messages`,
    valid: { message_type: "monitoring", content: "x" },
    maxBytes: 64 * KIB,
  },
  {
    method: "PUT",
    path: `${INTERNAL}/messages/msg_0192f0c1-7c1e-7000-8000-000000000000/status`,
    valid: { status: "accepted" },
    maxBytes: 64 * KIB,
  },
  {
    method: "POST",
    path: `${INTERNAL}/orchestrators/${KNOWN_ID}/send`,
    valid: { type: "provision_config" },
    maxBytes: 64 * KIB,
  },
  {
    method: "PUT",
    path: `${CONTROLLER}/organizations/${KNOWN_ID}/features`,
    valid: { features: {} },
    maxBytes: 64 * KIB,
  },
  {
    method: "PUT",
    path: `${CONTROLLER}/organizations/${KNOWN_ID}/config`,
    valid: { settings: {} },
    maxBytes: 64 * KIB,
  },
  {
    method: "POST",
    path: `${CONTROLLER}/organizations`,
    valid: { org_id: "org-new" },
    maxBytes: 64 * KIB,
  },
  {
    method: "POST",
    path: `${CONTROLLER}/orchestrator-instances`,
    valid: { org_id: "org-new" },
    maxBytes: 256 * KIB,
    isLenient: true,
  },
];

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const manyKeys = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join(",")}}`;

/** Free JSON that breaks a limit, as the text of a member. */
const unacceptableJson: Record<string, string> = {
  "nested too deep": nested(20),
  "nested 20,000 deep": `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  "300 keys in an object": manyKeys(300),
  "1,100 keys in all": `[${Array.from({ length: 11 }, () => manyKeys(100)).join(",")}]`,
  "a __proto__ key": '{"__proto__":{"admin":true}}',
  "a constructor key": '{"a":{"constructor":{"prototype":{}}}}',
  "a prototype key": '{"prototype":1}',
  "U+0000 in a value": '{"a":"x\\u0000y"}',
  "U+0000 in a key": '{"a\\u0000":1}',
  "a lone surrogate": '{"a":"\\ud800"}',
  "a lone surrogate in a key": '{"\\udfff":1}',
};

const invalidValues = ["[]", '"text"', "null", "42", "true"];

function bodiesOf({ method, path, valid, maxBytes, isLenient }: BodyRoute): BadRequest[] {
  const json = { "Content-Type": "application/json" };
  const good = JSON.stringify(valid);
  const withMember = (member: string) => `${good.slice(0, -1)},"features":${member}}`;
  const padded = good.padEnd(maxBytes + 1, " ");
  const make = (name: string, rest: Omit<BadRequest, "name" | "method" | "path">): BadRequest => ({
    name: `${method} ${path}: ${name}`,
    method,
    path,
    ...rest,
  });
  return [
    make("no body", { headers: json, status: 400, code: "invalid_json" }),
    make("empty body", { headers: json, body: "", status: 400, code: "invalid_json" }),
    make("cut JSON", { headers: json, body: good.slice(0, -1), status: 400, code: "invalid_json" }),
    make("no UTF-8", { headers: json, body: new Uint8Array([0x7b, 0xff, 0x7d]), status: 400, code: "invalid_json" }),
    make("no content type", { body: new TextEncoder().encode(good), status: 415, code: "unsupported_media_type" }),
    make("text/plain", {
      headers: { "Content-Type": "text/plain" },
      body: good,
      status: 415,
      code: "unsupported_media_type",
    }),
    make("a form", {
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "a=b",
      status: 415,
      code: "unsupported_media_type",
    }),
    make("encoded", {
      headers: { ...json, "Content-Encoding": "gzip" },
      body: new Uint8Array([31, 139, 8, 0]),
      status: 415,
      code: "unsupported_media_type",
    }),
    make("one byte too large", { headers: json, body: padded, status: 413, code: "payload_too_large" }),
    make("too large, length unknown", {
      headers: json,
      body: padded,
      streamed: true,
      status: 413,
      code: "payload_too_large",
    }),
    ...invalidValues.map((body) =>
      make(`the body ${body}`, { headers: json, body, status: 422, code: "validation_failed" }),
    ),
    ...Object.entries(isLenient ? {} : unacceptableJson).map(([what, member]) =>
      make(what, { headers: json, body: withMember(member), status: 422, code: "validation_failed" }),
    ),
  ];
}

/** For each route with a body, every body that is refused before a schema sees it. */
export const badBodies: BadRequest[] = bodyRoutes.flatMap(bodiesOf);
