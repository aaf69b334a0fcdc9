import { maySee } from "../contract/actor.ts";
import { envelope } from "../contract/rest/common.ts";
import { heartbeats as answer, heartbeatQuery } from "../contract/rest/orchestrators.ts";
import { MAX_HEARTBEAT_IDS } from "../contract/values/limits.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { heartbeatIntervalSec, settingsOf } from "../platform/settings.ts";
import { createRouter, defineRoute } from "./define.ts";
import { askable } from "./orchestrator-calls.ts";
import { toHeartbeats } from "./presence-overlay.ts";
import { success } from "./success.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/controller/orchestrators/heartbeats",
  tag: "Orchestrators",
  summary: "Heartbeats of the last hour of several orchestrators",
  description: `By minute, exact to the last beat, for at most ${MAX_HEARTBEAT_IDS} at a time.`,
  permission: "orchestrator.read",
  request: { query: heartbeatQuery },
  response: envelope(answer),
});

export const heartbeats = createRouter();

heartbeats.openapi(read, async (c) => {
  // Neither Postgres nor an object that is busy or was just reset must fail the answer of the others.
  const ids = await askable(c, c.req.valid("query").ids, "omit");
  const asked = await Promise.allSettled(ids.map((id) => orchestratorOf(c.env, id).describe()));
  const known = asked.flatMap((result) => (result.status === "fulfilled" && result.value ? [result.value] : []));
  const { ttlMs } = settingsOf(c.env);
  const data = {
    heartbeat_interval_sec: heartbeatIntervalSec(ttlMs),
    heartbeat_ttl_sec: ttlMs / 1000,
    orchestrators: known.filter(({ view }) => maySee(c.get("actor"), view)).map(toHeartbeats),
  };
  return success(c, "Heartbeats retrieved successfully", { data });
});
