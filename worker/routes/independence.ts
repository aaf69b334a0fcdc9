import type { PresenceView } from "../contract/presence.ts";
import { isoMoment } from "../contract/rest/common.ts";
import { independenceAnswer, independenceBody } from "../contract/rest/independence.ts";
import { orchestratorParams } from "../contract/rest/orchestrators.ts";
import { auditOf } from "../middleware/caller.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { describeOrThrow, requireVisible, unwrap } from "./orchestrator-calls.ts";
import { success } from "./success.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/internal/orchestrators/{orchestrator_id}/independence",
  tag: "Independence",
  summary: "Independence mode of an orchestrator",
  permission: "independence.read",
  request: { params: orchestratorParams },
  response: independenceAnswer,
  errors: ["not_found", "database_unavailable"],
});

const update = defineRoute({
  method: "put",
  path: "/api/v1/internal/orchestrators/{orchestrator_id}/independence",
  tag: "Independence",
  summary: "Switch independence mode on or off",
  description: "Takes effect at once: no heartbeat that arrives after the answer moves `last_seen`.",
  permission: "independence.set",
  request: { params: orchestratorParams, body: json(independenceBody) },
  response: independenceAnswer,
  errors: ["not_found", "database_unavailable"],
});

export const independence = createRouter();

independence.openapi(read, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const { view } = await describeOrThrow(c, id);
  return success(c, "Independence mode retrieved successfully", answerOf(view));
});

independence.openapi(update, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const { is_independent: isIndependent, privacy_mode: privacyMode } = c.req.valid("json");
  await requireVisible(c, id);
  const result = await orchestratorOf(c.env, id).setIndependence({
    isIndependent,
    ...(privacyMode !== undefined && { privacyMode }),
    audit: auditOf(c),
  });
  return success(c, "Independence mode updated successfully", answerOf(unwrap(result)));
});

function answerOf(view: PresenceView) {
  return {
    orchestrator_id: view.orchestratorId,
    is_independent: view.isIndependent,
    privacy_mode: view.privacyMode,
    status: view.status,
    last_seen: isoMoment(view.lastSeenAt),
  };
}
