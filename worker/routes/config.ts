import { z } from "@hono/zod-openapi";
import type { PresenceView } from "../contract/presence.ts";
import { envelope, isoMoment, outcome } from "../contract/rest/common.ts";
import {
  type ConfigDetail,
  configBody,
  configDetail,
  featuresBody,
  type OrchestratorConfig,
  orchestratorConfig,
  publishedConfig,
  publishedFeatures,
  sendBody,
} from "../contract/rest/config.ts";
import { orchestratorParams } from "../contract/rest/orchestrators.ts";
import { organizationParams } from "../contract/rest/organizations.ts";
import { type InstanceConfigRow, readConfig } from "../db/config-read.ts";
import { auditOf } from "../middleware/caller.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { etagOf, expectedOf } from "./etag.ts";
import { presenceOfRows } from "./fleet-reads.ts";
import { shownConfig } from "./masks.ts";
import { requireVisible, unwrap } from "./orchestrator-calls.ts";
import { isCurrent } from "./presence-overlay.ts";
import { publish } from "./publish-config.ts";
import { success } from "./success.ts";

const OF_ORGANIZATION = "/api/v1/controller/organizations/{organization_id}";

const putFeatures = defineRoute({
  method: "put",
  path: `${OF_ORGANIZATION}/features`,
  tag: "Configuration",
  summary: "Change features of an organization",
  description:
    "Merges per top-level key, stores a new revision and pushes it to every orchestrator of the organization.",
  permission: "config.publish",
  request: { params: organizationParams, body: json(featuresBody) },
  response: envelope(publishedFeatures),
  errors: ["not_found", "version_conflict", "quota_exceeded", "database_unavailable"],
});

const getConfig = defineRoute({
  method: "get",
  path: `${OF_ORGANIZATION}/config`,
  tag: "Configuration",
  summary: "Configuration of an organization",
  permission: "config.read",
  request: { params: organizationParams },
  response: envelope(configDetail),
  errors: ["not_found", "database_unavailable"],
});

const putConfig = defineRoute({
  method: "put",
  path: `${OF_ORGANIZATION}/config`,
  tag: "Configuration",
  summary: "Publish a configuration",
  description: "Stores a new revision and pushes it to every orchestrator of the organization.",
  permission: "config.publish",
  request: { params: organizationParams, body: json(configBody) },
  response: envelope(publishedConfig),
  errors: ["not_found", "version_conflict", "quota_exceeded", "database_unavailable"],
});

const push = defineRoute({
  method: "post",
  path: "/api/v1/controller/orchestrators/{orchestrator_id}/config/push",
  tag: "Configuration",
  summary: "Send an orchestrator its configuration again",
  description:
    "For an orchestrator that failed to apply it or has lost it. Publishing the same configuration again reaches only orchestrators that have not confirmed it.",
  permission: "config.publish",
  request: { params: orchestratorParams },
  response: envelope(orchestratorConfig),
  errors: ["not_found", "not_connected", "independent", "database_unavailable"],
});

const send = defineRoute({
  method: "post",
  path: "/api/v1/internal/orchestrators/{orchestrator_id}/send",
  tag: "Configuration",
  summary: "Send a frame to a connected orchestrator",
  description:
    "Goes straight to its WebSocket and is not stored; its arrival is not confirmed. Types that only the controller may send, such as `handshake_ack`, `error` or `provisioning`, are refused with the route to use instead.",
  permission: "orchestrator.send",
  request: { params: orchestratorParams, body: json(sendBody) },
  response: z.object(outcome),
  errors: ["not_found", "not_connected", "independent", "rate_limited", "database_unavailable"],
});

export const config = createRouter();

config.openapi(putFeatures, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const { features, expected_revision } = c.req.valid("json");
  const expected = expectedOf(c, expected_revision);
  const { features: merged, revision, hash } = await publish(c, id, { merge: true, expected, features });
  const data = { organization_id: id, features: merged, revision, hash };
  return success(c, "Features updated successfully", { data });
});

config.openapi(getConfig, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const found = await readConfig(c.env, c.get("actor"), id);
  if (!found) throw notFound(`Organization ${id}`);
  const { publishedAt, publishedBy, ...stored } = found.config;
  const views = await presenceOfRows(c.env, found.instances);
  const data: ConfigDetail = {
    organization_id: id,
    ...shownConfig(c, stored),
    updated_at: isoMoment(publishedAt),
    updated_by: publishedBy,
    orchestrators: found.instances.map((row) => toState(row, views.get(row.orchestratorId))),
    total_orchestrators: found.totalInstances,
  };
  c.header("ETag", etagOf(stored.revision));
  return success(c, "Configuration retrieved successfully", { data });
});

config.openapi(putConfig, async (c) => {
  const { organization_id: id } = c.req.valid("param");
  const { expected_revision, features, settings, policies } = c.req.valid("json");
  const stored = await publish(c, id, {
    merge: false,
    expected: expectedOf(c, expected_revision),
    ...(features && { features }),
    ...(settings && { settings }),
    ...(policies && { policies }),
  });
  const data = { organization_id: id, ...stored };
  return success(c, "Configuration published successfully", { data });
});

config.openapi(push, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  await requireVisible(c, id);
  const view = unwrap(await orchestratorOf(c.env, id).pushConfig(auditOf(c)));
  const data = stateOf(id, view);
  return success(c, `Configuration sent to ${id} again`, { data });
});

config.openapi(send, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const { type, data } = c.req.valid("json");
  // The Python client takes this id for its own from then on.
  if (data?.orchestrator_id !== undefined && data.orchestrator_id !== id) {
    const details = [{ path: "/body/data/orchestrator_id", code: "custom", message: `must be ${id}` }];
    throw new ApiError("validation_failed", "The request is not valid", { details });
  }
  await requireVisible(c, id);
  const frame = { type, ...(data && { data }), timestamp: new Date().toISOString() };
  unwrap(await orchestratorOf(c.env, id).send(frame, auditOf(c)));
  return success(c, `Message sent to ${id} successfully`, {});
});

function toState(row: InstanceConfigRow, view: PresenceView | undefined): OrchestratorConfig {
  if (view && isCurrent(row, view)) return stateOf(row.orchestratorId, view);
  return stateOf(row.orchestratorId, { ...row, connected: false });
}

/** The state of the configuration, from a view or from a row of Postgres. */
function stateOf(
  id: string,
  from: Pick<
    PresenceView,
    "status" | "connected" | "configRevision" | "configState" | "configError" | "configRunning"
  > & {
    configSince?: number | Date | null;
  },
): OrchestratorConfig {
  return {
    orchestrator_id: id,
    status: from.status,
    connected: from.connected,
    revision: from.configRevision,
    state: from.configState,
    error: from.configError,
    since: isoMoment(from.configSince ?? null),
    running_revision: from.configRunning ?? null,
  };
}
