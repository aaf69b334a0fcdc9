import { HTTPException } from "hono/http-exception";
import type { ZodError } from "zod";
import type { Accepted, ErrorDetail, ErrorEnvelope } from "../contract/errors.ts";
import { ERROR_STATUS, type ErrorCode } from "../contract/values/codes.ts";
import { DatabaseUnavailable } from "../db/client.ts";
import { writeLog } from "../platform/console.ts";
import { CursorRefused } from "../platform/cursor.ts";
import { SecretsKeyError } from "../platform/secrets.ts";
import type { AppContext } from "./app-env.ts";

const RETRY_AFTER_SEC = 5;

interface ErrorOptions {
  details?: ErrorDetail[];
  headers?: Record<string, string>;
  retryAfterSec?: number;
  /** With version_conflict: the stored state, which the caller may see. */
  current?: Record<string, unknown>;
  /** Whether the change will be finished without another request. */
  accepted?: Accepted;
  cause?: unknown;
}

/** Thrown anywhere in the application, and answered as the documented envelope. The caller is shown the message. */
export class ApiError extends Error {
  override name = "ApiError";
  readonly code: ErrorCode;
  readonly details: ErrorDetail[];
  readonly current: Record<string, unknown> | undefined;
  readonly accepted: Accepted | undefined;
  readonly headers: Record<string, string>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
    this.current = options.current;
    this.accepted = options.accepted ?? (code === "database_unavailable" ? false : undefined);
    this.headers = { ...options.headers };
    const status = ERROR_STATUS[code];
    if (status === 401) this.headers["WWW-Authenticate"] = "Bearer";
    if (status === 429 || status === 503) {
      this.headers["Retry-After"] = String(Math.max(1, Math.ceil(options.retryAfterSec ?? RETRY_AFTER_SEC)));
    }
  }
}

export function notFound(what: string): ApiError {
  return new ApiError("not_found", `${what} not found`);
}

/**
 * Runs the rest of a request after its change is stored. An answer about a failure then says that the change is kept, and
 * whether the request must be repeated for the rest.
 */
export async function afterChange<T>(
  kept: { message: string; accepted: Accepted },
  rest: () => Promise<T>,
): Promise<T> {
  try {
    return await rest();
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    const { code } = classify(cause);
    // `false` with database_unavailable would say that nothing of the change is kept.
    const isRefusal = code === "database_unavailable" && !kept.accepted;
    throw new ApiError(isRefusal ? "overloaded" : code, kept.message, { accepted: kept.accepted, cause });
  }
}

/** The findings of zod as 422. `target` is the part of the request that was checked. */
export function validationFailed(target: string, error: Pick<ZodError, "issues">): ApiError {
  const details = error.issues.map((issue) => ({
    path: `/${[target, ...issue.path].map(String).join("/")}`,
    code: issue.code,
    message: issue.message,
  }));
  return new ApiError("validation_failed", "The request is not valid", { details });
}

/** The only place that turns a thrown value into an answer. */
export function handleError(error: unknown, c: AppContext): Response {
  const known = classify(error);
  const requestId = c.get("requestId");
  const status = ERROR_STATUS[known.code];
  c.set("errorCode", known.code);
  if (status >= 500) {
    writeLog(c.env, "ERROR", "Request failed", {
      request_id: requestId,
      code: known.code,
      errors: causes(error),
      stack: known.code === "internal_error" && error instanceof Error ? error.stack : undefined,
    });
  }
  const body: ErrorEnvelope = {
    success: false,
    message: known.message,
    error: {
      code: known.code,
      request_id: requestId,
      details: known.details,
      ...(known.accepted !== undefined && { accepted: known.accepted }),
      ...(known.current && { current: known.current }),
    },
  };
  return c.json(body, status, known.headers);
}

function classify(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof DatabaseUnavailable || nameOf(error) === "DatabaseUnavailable") {
    return new ApiError("database_unavailable", "The database is not available, try again shortly");
  }
  if (error instanceof CursorRefused) {
    const details = [{ path: "/query/cursor", code: "custom", message: error.message }];
    return new ApiError("validation_failed", "The request is not valid", { details });
  }
  if (nameOf(error) === "SettingsError") {
    return new ApiError("config_error", "The controller is not configured correctly", { retryAfterSec: 60 });
  }
  if (error instanceof SecretsKeyError) {
    return new ApiError("config_error", "The controller is not configured for this request");
  }
  if (error instanceof HTTPException && error.status === 415) {
    return new ApiError("unsupported_media_type", "The body must be application/json");
  }
  if (error instanceof HTTPException && error.status === 400) {
    return new ApiError("invalid_json", "The body is not valid JSON");
  }
  if (isPassing(error)) return new ApiError("overloaded", "The controller is busy, try again shortly");
  return new ApiError("internal_error", "Internal error");
}

/** A Durable Object that is overloaded or was reset under the call, as the runtime marks its errors. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ["overloaded", "retryable", "durableObjectReset"].some((mark) => Reflect.get(error, mark) === true);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

function causes(error: unknown): string[] {
  const found: string[] = [];
  for (let cause = error; cause instanceof Error && found.length < 5; cause = cause.cause) {
    found.push(`${cause.name}: ${cause.message}`);
  }
  return found;
}
