import { createMiddleware } from "hono/factory";
import type { AppContext, AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";
import { isWebSocketUpgrade } from "./upgrade.ts";

const PROGRAMS = /^\/(api|ws)(\/|$)/;

/**
 * Serves nothing over plain HTTP, before any code looks at a credential. The scheme of the request decides: the
 * sender of plain HTTP can also write a header such as X-Forwarded-Proto.
 */
export const requireHttps = createMiddleware<AppEnv>(async (c, next) => {
  const url = new URL(c.req.url);
  if (url.protocol === "https:") return await next();
  if (!mayRedirect(c)) {
    // No credential was checked, so there is nothing to audit.
    c.set("isRefusalNoted", true);
    throw new ApiError("https_required", isWebSocketUpgrade(c.req.raw) ? PLAIN_SOCKET : PLAIN_CALL);
  }
  url.protocol = "https:";
  // The port of plain HTTP speaks no TLS.
  url.port = "";
  return c.redirect(url.href, 308);
});

const REPLACE = "Replace a credential that was sent without encryption.";
const PLAIN_CALL = `Only HTTPS is served here: start the address with https://. ${REPLACE}`;
const PLAIN_SOCKET = `Only encrypted WebSockets are served here: start the address with wss://. ${REPLACE}`;

/** A redirected program would go on sending its credential in the clear, unnoticed. */
function mayRedirect(c: AppContext): boolean {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  if (!isRead || PROGRAMS.test(c.req.path) || isWebSocketUpgrade(c.req.raw)) return false;
  return c.req.header("Authorization") === undefined;
}
