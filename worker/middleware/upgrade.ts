import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** Where a WebSocket can be opened. */
const SOCKET_PATHS = /^\/(ws(\/.*)?|api\/v1\/stream)?$/;

/** Whether the request wants a WebSocket. Other upgrades, such as the `h2c` that HTTP/2 clients offer, may be ignored. */
export function isWebSocketUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** A client that waits for 101 must not be told 200, whatever else is to be found at the path. */
export const refuseStrayUpgrades = createMiddleware<AppEnv>(async (c, next) => {
  if (isWebSocketUpgrade(c.req.raw) && !SOCKET_PATHS.test(c.req.path)) {
    const where = "Orchestrators connect to /ws, dashboards to /api/v1/stream.";
    throw new ApiError("not_found", `There is no WebSocket at this path. ${where}`);
  }
  await next();
});
