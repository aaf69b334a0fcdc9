import fc from "fast-check";

/** What of a JSON schema the document uses for requests. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}

export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface FuzzRequest {
  /** Which of the ways below made it. */
  kind: string;
  /** The route that it was made from. */
  route: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** Ids that exist, by the name of the parameter or field. */
export type KnownValues = Record<string, string[]>;

const HOSTILE_TEXTS = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "x\udfff",
  "\u202e\u200b\ufeff",
  "İı𝒳👩‍👩‍👧‍👦é",
  "' OR 1=1 --",
  "'; DROP TABLE organizations; --",
  "1) UNION SELECT password_hash FROM users --",
  "$1::jsonb %s {0} {{7*7}}",
  "../../../etc/passwd",
  "..%2f..%2f..%2fetc%2fpasswd",
  "C:\\windows\\system32",
  "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
  "<script>alert(1)</script>",
  "__proto__",
  "constructor",
  "toString",
  "null",
  "NaN",
  "1e999",
  "-1",
  "9".repeat(400),
  "x".repeat(9_000),
  "é".repeat(300),
  "%",
  "%00",
  "%ff",
  "%c0%af",
  "facets",
  "live",
] as const;

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: "binary", maxLength: 40 }));
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  fc.constantFrom(null, true, [], {}, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, [[]], [null], { a: { b: [] } }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A value that the schema describes; `known` goes before what could be made up. */
function valueFor(
  document: ApiDocument,
  schema: Schema,
  known: KnownValues,
  name = "",
  depth = 0,
): fc.Arbitrary<unknown> {
  const inner = (next: Schema, key = name) => valueFor(document, next, known, key, depth + 1);
  if (schema.$ref) return inner(document.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => inner(choice)));
  if (schema.allOf)
    return fc.tuple(...schema.allOf.map((part) => inner(part))).map((parts) => Object.assign({}, ...parts));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "integer" || type === "number") {
    const min = Math.max(schema.minimum ?? 0, -1e6);
    return fc.integer({ min, max: Math.max(min, Math.min(schema.maximum ?? 1e6, 1e6)) });
  }
  if (type === "boolean") return fc.boolean();
  if (type === "null") return fc.constant(null);
  if (type === "array") {
    const { minItems: minLength = 0, maxItems = 3 } = schema;
    return fc.array(inner(schema.items ?? {}), { minLength, maxLength: Math.max(minLength, Math.min(maxItems, 3)) });
  }
  if (type === "object" || schema.properties) {
    const { properties = {}, required = [] } = schema;
    if (depth > 4 || Object.keys(properties).length === 0)
      return fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.jsonValue({ maxDepth: 1 }));
    const fields = Object.entries(properties).map(([key, value]) => [key, inner(value, key)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required });
  }
  return type === "string" ? textOf(schema, known[name]) : fc.jsonValue({ maxDepth: 2 });
}

function textOf(schema: Schema, known: string[] | undefined): fc.Arbitrary<string> {
  const made = madeUp(schema);
  return known ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, made) : made;
}

function madeUp({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  const day = fc.date({ min: new Date("2024-01-01"), max: new Date("2027-01-01"), noInvalidDate: true });
  if (format === "uuid") return fc.uuid();
  if (format === "date") return day.map((date) => date.toISOString().slice(0, 10));
  if (format === "date-time") return day.map((date) => date.toISOString());
  // Ids: fast-check makes nothing for what looks ahead.
  if (pattern?.includes("(?!")) return fc.stringMatching(/^[a-z][a-z0-9]{0,12}$/);
  if (pattern) return fc.stringMatching(new RegExp(pattern)).map((text) => text.slice(0, maxLength));
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) });
}

interface Draft extends FuzzRequest {
  template: string;
  parameters: Record<string, unknown>;
  query: [string, unknown][];
  json: unknown;
}

type Change = (draft: Draft, value: unknown, text: string, pick: number) => void;

const CONTENT_TYPES = [
  "text/plain",
  "application/xml",
  "multipart/form-data",
  "",
  "application/json; charset=utf-16",
  "x".repeat(300),
];
const METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];

/** One thing at a time that is wrong with a request, and nothing. */
const CHANGES: Record<string, Change> = {
  valid: () => {},
  "hostile path": (draft, _, text, pick) => {
    const names = Object.keys(draft.parameters);
    const name = names[pick % names.length];
    if (name) draft.parameters[name] = text;
  },
  "hostile query": (draft, _, text, pick) => {
    const entry = draft.query[pick % draft.query.length];
    if (entry) entry[1] = text;
    else draft.query.push([text.slice(0, 50), text]);
  },
  "extra query": (draft, _, text, pick) => {
    const [name = "page"] = draft.query[pick % draft.query.length] ?? [];
    draft.query.push([pick % 2 ? name : `__proto__[${text.slice(0, 20)}]`, text]);
  },
  "hostile field": (draft, value, _, pick) => setField(draft, pick, () => value),
  "missing field": (draft, _, __, pick) => setField(draft, pick, () => undefined),
  "extra key": (draft, value, text) => {
    if (isObject(draft.json)) draft.json = { ...draft.json, [text]: value };
  },
  "prototype key": (draft, value, _, pick) => {
    const key = ["__proto__", "constructor", "prototype"][pick % 3] ?? "";
    const text = JSON.stringify(draft.json ?? {});
    draft.body = `${text.slice(0, -1)}${text === "{}" ? "" : ","}"${key}":${JSON.stringify(value)}}`;
  },
  "another body": (draft, value) => {
    draft.json = value;
  },
  "no JSON": (draft, _, text, pick) => {
    const whole = JSON.stringify(draft.json ?? {});
    draft.body = pick % 2 ? text : whole.slice(0, pick % whole.length);
  },
  "deep or large body": (draft, _, __, pick) => {
    const bodies = [
      `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
      `{"a":"${"x".repeat(70_000)}"}`,
      `${'{"a":'.repeat(20)}1${"}".repeat(20)}`,
    ];
    draft.body = bodies[pick % bodies.length] ?? "";
  },
  "wrong content type": (draft, _, __, pick) => {
    draft.headers["Content-Type"] = CONTENT_TYPES[pick % CONTENT_TYPES.length] ?? "";
  },
  "wrong method": (draft, _, __, pick) => {
    draft.method = METHODS[pick % METHODS.length] ?? "POST";
  },
  "hostile header": (draft, _, text, pick) => {
    const names = [
      "User-Agent",
      "CF-Connecting-IP",
      "X-Forwarded-For",
      "X-Request-Id",
      "Origin",
      "Cookie",
      "If-Match",
      "Accept",
      "Authorization",
    ];
    // What no header can carry would never leave this process.
    draft.headers[names[pick % names.length] ?? ""] = text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "").trim();
  },
};

export const KINDS = Object.keys(CHANGES);

/** Requests to one route, of each kind as many as asked for; the same for the same seed. */
export function requestsTo(
  document: ApiDocument,
  route: string,
  known: KnownValues,
  { seed, runs }: { seed: number; runs: number },
): FuzzRequest[] {
  const [method = "", template = ""] = route.split(" ");
  const operation = document.paths[template]?.[method.toLowerCase()] ?? {};
  const ofPlace = (place: string) =>
    Object.fromEntries(
      (operation.parameters ?? [])
        .filter((parameter) => parameter.in === place)
        .map(({ name, schema }) => [name, valueFor(document, schema, known, name)]),
    );
  const needed = (operation.parameters ?? []).filter((each) => each.in === "query" && each.required);
  const bodySchema = operation.requestBody?.content["application/json"]?.schema;
  const parts = fc.record({
    parameters: fc.record(ofPlace("path")),
    query: fc.record(ofPlace("query"), { requiredKeys: needed.map(({ name }) => name) }),
    json: bodySchema ? valueFor(document, bodySchema, known) : fc.constant(undefined),
    value: hostileValue,
    text: hostileText,
    pick: fc.nat(10_000),
  });
  const sampled = fc.sample(parts, { seed, numRuns: KINDS.length * runs });
  return sampled.map(({ parameters, query, json, value, text, pick }, index) => {
    const kind = KINDS[index % KINDS.length] ?? "valid";
    const headers = json === undefined ? {} : { "Content-Type": "application/json" };
    const draft: Draft = {
      kind,
      route,
      method,
      path: "",
      headers,
      template,
      parameters,
      query: Object.entries(query),
      json,
    };
    CHANGES[kind]?.(draft, value, text, pick);
    return finished(draft);
  });
}

function finished({ template, parameters, query, json, ...draft }: Draft): FuzzRequest {
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => escaped(parameters[name]) || "%20");
  const search = query.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join("&");
  const body = draft.body ?? (json === undefined ? undefined : JSON.stringify(json));
  const request: FuzzRequest = { ...draft, path: search ? `${path}?${search}` : path };
  if (draft.method === "GET" || body === undefined) delete request.body;
  else request.body = body;
  return request;
}

/** What is no text of its own goes out in halves, as a careless client would send it. */
function escaped(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  // Percent signs that are an attack already stay as they are.
  return /^%|%2f/i.test(text) ? text : encodeURIComponent(text.toWellFormed());
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function setField(draft: Draft, pick: number, value: () => unknown): void {
  if (!isObject(draft.json)) return;
  const names = Object.keys(draft.json);
  const name = names[pick % names.length];
  if (name !== undefined) draft.json = { ...draft.json, [name]: value() };
}
