import { createMiddleware } from "hono/factory";
import { actorName } from "../contract/actor.ts";
import type { LogLevel } from "../contract/presence.ts";
import { writeLog } from "../platform/console.ts";
import type { AppEnv } from "./app-env.ts";
import { noteDenial } from "./audit.ts";
import { addressOf, shownPath } from "./caller.ts";
import { MODE_HEADER } from "./development.ts";
import { securityHeaders } from "./security-headers.ts";

/** A page corrects the clock of its computer with this header. It is exact to the millisecond, unlike `Date`. */
const SERVER_TIME_HEADER = "X-Server-Time";

/** Wraps every request: sets the request id and the headers of every answer, and writes one log line. */
export const observe = createMiddleware<AppEnv>(async (c, next) => {
  const startedAt = Date.now();
  c.set("requestId", crypto.randomUUID());
  c.set("actor", { kind: "anonymous" });
  await next();
  const { status } = c.res;
  writeLog(c.env, levelOf(status), "Request", {
    request_id: c.get("requestId"),
    method: c.req.method,
    path: shownPath(c),
    status,
    duration_ms: Date.now() - startedAt,
    actor: actorName(c.get("actor")),
    address: addressOf(c),
  });
  noteDenial(c);
  // Touching the headers of an upgrade would break it.
  if (status === 101 || c.res.webSocket) return;
  const response = new Response(c.res.body, c.res);
  for (const [name, value] of Object.entries(securityHeaders(response.headers.get("Content-Type")))) {
    response.headers.set(name, value);
  }
  response.headers.set("X-Request-Id", c.get("requestId"));
  response.headers.set(SERVER_TIME_HEADER, new Date().toISOString());
  const isData = response.headers.get("Content-Type")?.startsWith("application/json");
  if (isData || c.req.path.startsWith("/api/")) response.headers.set("Cache-Control", "no-store");
  if (DEVELOPMENT_BUILD) response.headers.set(MODE_HEADER, "development");
  // Assigning to a set response would merge the old headers in again.
  c.res = undefined;
  c.res = response;
});

function levelOf(status: number): LogLevel {
  if (status >= 500) return "ERROR";
  return status === 401 || status === 403 || status === 429 ? "WARNING" : "INFO";
}
