import { createRoute, OpenAPIHono, type z } from "@hono/zod-openapi";
import { errorEnvelope } from "../contract/errors.ts";
import { describePermission, isForAgents, isPublic, type Permission } from "../contract/permissions.ts";
import { CSV_FORM } from "../contract/rest/common.ts";
import { ERROR_STATUS, type ErrorCode } from "../contract/values/codes.ts";
import { MAX_BODY_BYTES } from "../contract/values/limits.ts";
import type { AppEnv } from "../middleware/app-env.ts";
import { guard } from "../middleware/auth.ts";
import { jsonBody } from "../middleware/body.ts";
import { validationFailed } from "../middleware/errors.ts";
import { singleParameters } from "../middleware/query.ts";

/** Sections of the API documentation, in the order they are shown. */
export const TAGS = {
  Organizations: "Organizations and the state that follows from their orchestrators.",
  Orchestrators: "Registered orchestrators, live connections and activity.",
  Registration: "Registration, heartbeats over HTTP and deregistration.",
  "Agent tokens": "Tokens that orchestrators connect with, and join tokens that return one.",
  Independence: "Independence mode of orchestrators.",
  Messages: "Recommendations and monitoring messages, in both directions.",
  Configuration: "Features, settings and policies of orchestrators.",
  Statistics: "Totals, usage and costs.",
  Audit: "Changes and refusals, with the caller.",
  Users: "Users.",
  "API tokens": "Tokens of programs that call this interface.",
  Auth: "Sessions of people.",
  Logs: "The log of the controller.",
  Stream: "Live changes of the fleet.",
  Health: "Health of the controller.",
} as const;

type Tag = keyof typeof TAGS;

interface RequestSpec {
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: { required: true; content: { "application/json": { schema: z.ZodType } } };
}

interface RouteSpec<Path extends string, Request extends RequestSpec, Answer extends z.ZodType> {
  method: "get" | "post" | "put" | "delete";
  path: Path;
  tag: Tag;
  summary: string;
  description?: string;
  /** The permission that the caller needs. There is no default. */
  permission: Permission;
  /** Public to the guard, but the route itself checks a bearer token. */
  readsToken?: boolean;
  request?: Request;
  /** The answer of status 200. */
  response: Answer;
  /** Error codes beyond those that follow from permission and request. */
  errors?: readonly ErrorCode[];
  /** The route answers 101. A 200 is declared all the same, because tools expect one. */
  upgrade?: boolean;
  /** Whether it can also answer with CSV. */
  csv?: boolean;
  maxBodyBytes?: number;
  /** A heartbeat or registration: a body that is no valid JSON is read as far as possible. */
  isTolerant?: true;
  /** Served, but left out of the OpenAPI document. */
  hide?: boolean;
}

/** The request body of a route. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return { required: true as const, content: { "application/json": { schema } } };
}

/**
 * Declares a route once. Validation, types, access control, body rules and its part of the OpenAPI document all
 * follow from it.
 */
export function defineRoute<const Path extends string, Answer extends z.ZodType, Request extends RequestSpec = object>(
  spec: RouteSpec<Path, Request, Answer>,
) {
  const { permission } = spec;
  const request: RequestSpec = spec.request ?? {};
  const middleware = [guard(permission), singleParameters];
  if (request.body)
    middleware.push(
      jsonBody({
        maxBytes: spec.maxBodyBytes ?? MAX_BODY_BYTES,
        schema: request.body.content["application/json"].schema,
        isTolerant: spec.isTolerant,
      }),
    );
  const route = {
    method: spec.method,
    path: spec.path,
    hide: spec.hide ?? false,
    operationId: operationId(spec.method, spec.path),
    tags: [spec.tag],
    summary: spec.summary,
    description: [spec.description ?? `${spec.summary}.`, spec.csv && CSV_FORM, describePermission(permission)]
      .filter(Boolean)
      .join(" "),
    "x-permission": permission,
    security: securityOf(spec.readsToken ?? false, permission),
    request: (spec.request ?? {}) as Request,
    responses: {
      ...(spec.upgrade
        ? { 101: { description: "The WebSocket is open" }, 200: { description: "Does not occur: see 101" } }
        : {
            200: {
              description: "Success",
              content: {
                "application/json": { schema: spec.response },
                ...(spec.csv && { "text/csv": { schema: CSV } }),
              },
            },
          }),
      ...errorResponses(errorCodes(spec, request)),
    },
  };
  // The common errors are thrown, never returned: for the types, a handler returns 200 and nothing else.
  return createRoute({ ...route, middleware } as Omit<typeof route, "responses"> & {
    middleware: typeof middleware;
    responses: { 200: { description: string; content: { "application/json": { schema: Answer } } } };
  });
}

function securityOf(readsToken: boolean, permission: Permission): Record<string, string[]>[] {
  if (readsToken) return [{ bearer: [] }];
  if (isPublic(permission)) return [];
  return [{ bearer: [] }, ...(isForAgents(permission) ? [{ basic: [] }] : []), { session: [] }];
}

/** A group of routes of one resource. */
export function createRouter() {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw validationFailed(TARGETS[result.target] ?? result.target, result.error);
    },
  });
}

const CSV = { type: "string" as const, description: CSV_FORM };

const TARGETS: Record<string, string> = { json: "body", param: "path" };

function errorCodes(
  spec: Pick<RouteSpec<string, RequestSpec, z.ZodType>, "method" | "permission" | "errors">,
  request: RequestSpec,
): ErrorCode[] {
  const codes: ErrorCode[] = [
    "validation_failed",
    "internal_error",
    "config_error",
    "build_mismatch",
    "host_rejected",
    "https_required",
    "overloaded",
    "rate_limited",
    ...(spec.errors ?? []),
  ];
  // For a WebSocket, which is opened elsewhere.
  if (spec.method === "get") codes.push("not_found");
  // Also where everyone may call: a credential in the address is refused everywhere.
  codes.push("unauthorized");
  if (!isPublic(spec.permission)) codes.push("forbidden", "csrf_rejected", "origin_rejected", "session_changed");
  if (request.body) codes.push("invalid_json", "payload_too_large", "unsupported_media_type");
  return codes;
}

const RETRY_AFTER = {
  description: "Seconds after which to try again",
  schema: { type: "integer" as const, minimum: 1 },
};
const AUTHENTICATE = { description: "The scheme to use", schema: { type: "string" as const, examples: ["Bearer"] } };

function errorResponses(codes: ErrorCode[]) {
  const byStatus = Map.groupBy(new Set(codes), (code) => ERROR_STATUS[code]);
  const entries = [...byStatus].map(([status, group]) => {
    const headers = {
      ...(status === 401 && { "WWW-Authenticate": AUTHENTICATE }),
      ...((status === 429 || status === 503) && { "Retry-After": RETRY_AFTER }),
    };
    const description = `Error codes: ${group.map((code) => `\`${code}\``).join(", ")}`;
    const content = { "application/json": { schema: errorEnvelope } };
    return [status, Object.keys(headers).length > 0 ? { description, content, headers } : { description, content }];
  });
  return Object.fromEntries(entries);
}

/** `get /api/v1/controller/orchestrators/{orchestrator_id}` → `getControllerOrchestratorsByOrchestratorId`. */
function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/api\/v1/, "")
    .replaceAll("{", "by-")
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
