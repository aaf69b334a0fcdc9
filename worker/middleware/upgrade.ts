import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** The paths at which a WebSocket can be opened. */
const SOCKET_PATHS = /^\/(ws(\/.*)?|api\/v1\/stream)?$/;

/** Whether the request asks for a WebSocket. Other upgrades, such as the `h2c` of HTTP/2 clients, may be ignored. */
export function isWebSocketUpgrade(request: Request): boolean {
  return request.headers.get("Upgrade")?.toLowerCase() === "websocket";
}

/** A client that waits for 101 must not get 200, whatever the path serves. */
export const refuseStrayUpgrades = createMiddleware<AppEnv>(async (c, next) => {
  if (isWebSocketUpgrade(c.req.raw) && !SOCKET_PATHS.test(c.req.path)) {
    const where = "Orchestrators connect to /ws, dashboards to /api/v1/stream.";
    throw new ApiError("not_found", `There is no WebSocket at this path. ${where}`);
  }
  await next();
});
