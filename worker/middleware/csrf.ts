import { ApiError } from "./errors.ts";
import { foreignOriginMessage, isExactOrigin } from "./origin.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether the caller is a web page: browsers send one of these headers with every write. Sec-Fetch-Mode proves
 * nothing, because fetch in Node sends it too.
 */
export function isBrowser(headers: Headers): boolean {
  return headers.has("Origin") || headers.has("Sec-Fetch-Site");
}

/** Refuses a request that another site made the browser send. */
export function assertSameOrigin(request: Request, allowedOrigins: string[]): void {
  const site = request.headers.get("Sec-Fetch-Site");
  if (site !== null) {
    if (site !== "same-origin") throw new ApiError("csrf_rejected", "Requests from other sites are refused");
    return;
  }
  if (!isExactOrigin(request, allowedOrigins)) {
    throw new ApiError("origin_rejected", foreignOriginMessage(request));
  }
}

/** The proofs that a write with a cookie needs. Browsers do not add a bearer token by themselves. */
export function assertCookieWrite(request: Request, allowedOrigins: string[]): void {
  if (SAFE_METHODS.has(request.method)) return;
  if (request.headers.get("X-Requested-With") !== "moolai") {
    throw new ApiError("csrf_rejected", "The header X-Requested-With: moolai is required");
  }
  assertSameOrigin(request, allowedOrigins);
}
