import { z } from "@hono/zod-openapi";
import { dropViewers, openStream } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { accessNow, viewerOf } from "../middleware/auth.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { foreignOriginMessage, isExactOrigin, isForeignOrigin } from "../middleware/origin.ts";
import { isWebSocketUpgrade } from "../middleware/upgrade.ts";
import { settingsOf } from "../platform/settings.ts";
import { createRouter, defineRoute } from "./define.ts";

const follow = defineRoute({
  method: "get",
  path: "/api/v1/stream",
  tag: "Stream",
  summary: "Follow the fleet live",
  description:
    "A WebSocket of one shard of the fleet. It starts with `hello`, which contains the number of shards; open the " +
    "others too. Then come a `snapshot` in chunks, or what was missed since `cursor`, and `delta` frames from there on. " +
    "Frames: docs/reference.md. A session cookie needs an `Origin` that is this host or allowed; other systems send a " +
    "bearer token. A credential in the query is refused.",
  permission: "stream.follow",
  upgrade: true,
  request: {
    query: z.object({
      shard: z.coerce
        .number()
        .int()
        .min(0)
        .max(63)
        .default(0)
        .openapi({ type: "integer", description: "From 0; `hello` says how many there are" }),
      cursor: z
        .string()
        .max(200)
        .regex(/^[A-Za-z0-9-]{1,150}\.\d{1,15}$/)
        .optional()
        .openapi({ description: "`epoch.index` of the last received change, to continue from there" }),
      user: z
        .string()
        .max(250)
        .optional()
        .openapi({ description: "The person whose session the cookie should be; another one is refused with 409" }),
    }),
  },
  response: z.never(),
  errors: ["upgrade_required", "not_found"],
});

export const stream = createRouter();

stream.openapi(follow, async (c) => {
  const { shard, cursor = null } = c.req.valid("query");
  assertOrigin(c);
  if (!isWebSocketUpgrade(c.req.raw)) {
    throw new ApiError("upgrade_required", "Connect to this address with a WebSocket.", {
      headers: { Upgrade: "websocket", Connection: "Upgrade" },
    });
  }
  const who = viewerOf(c);
  const response = await openStream(c.env, shard, who, cursor);
  if (!response) throw notFound(`Shard ${shard}`);
  // A logout or a change of access in between found no viewer to close.
  const access = await accessNow(c);
  if (who.session !== null && access !== "same") {
    await dropViewers(c.env, { session: who.session, comesBack: access === "changed" });
  }
  return response as never;
});

/** Browsers let any page open a WebSocket and send the cookie with it, so the origin is checked. */
function assertOrigin(c: AppContext): void {
  const { allowedOrigins } = settingsOf(c.env);
  const isFromOurs =
    c.req.header("Authorization") === undefined
      ? isExactOrigin(c.req.raw, allowedOrigins)
      : !isForeignOrigin(c.req.raw, allowedOrigins);
  if (!isFromOurs) throw new ApiError("origin_rejected", foreignOriginMessage(c.req.raw));
}
