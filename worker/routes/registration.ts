import { envelope, isoMoment } from "../contract/rest/common.ts";
import { orchestratorParams } from "../contract/rest/orchestrators.ts";
import {
  deletedInstance,
  deregisterAnswer,
  heartbeatAnswer,
  heartbeatBody,
  registerAnswer,
  registerBody,
} from "../contract/rest/registration.ts";
import { MAX_SIGN_OF_LIFE_BYTES } from "../contract/values/limits.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { addressOf, auditOf } from "../middleware/caller.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { connectUrl, makeAgentToken } from "./issue-agent-token.ts";
import { droppedOf, findStored, registrationTarget, requireVisible, unwrap } from "./orchestrator-calls.ts";
import { requireRoomForOrchestrator } from "./quotas.ts";
import { toRegistrationFields } from "./registration-fields.ts";
import { success } from "./success.ts";

const register = defineRoute({
  method: "post",
  path: "/api/v1/internal/orchestrators/register",
  tag: "Registration",
  summary: "Register an orchestrator",
  description:
    "Creates the orchestrator and its organization, or updates them: absent fields stay as they are. Registering marks nobody active. The answer that creates it contains its token, only this once.",
  permission: "orchestrator.register",
  request: { body: json(registerBody) },
  response: registerAnswer,
  errors: ["already_exists", "quota_exceeded", "database_unavailable"],
  maxBodyBytes: MAX_SIGN_OF_LIFE_BYTES,
  isTolerant: true,
});

const deregister = defineRoute({
  method: "delete",
  path: "/api/v1/internal/orchestrators/{orchestrator_id}/deregister",
  tag: "Registration",
  summary: "Deregister an orchestrator",
  description:
    'Called by an admin or an API token, it deletes the orchestrator, its messages, and its organization if it was the last one there, and closes its WebSocket. Called by the orchestrator itself (with its agent token, or without a credential in development) it says "I am going": the orchestrator is inactive at once, its WebSocket is closed, and id, token, messages and configuration stay for its return.',
  permission: "orchestrator.deregister",
  request: { params: orchestratorParams },
  response: deregisterAnswer,
  errors: ["not_found", "database_unavailable"],
});

const deleteInstance = defineRoute({
  method: "delete",
  path: "/api/v1/controller/orchestrator-instances/{orchestrator_id}",
  tag: "Registration",
  summary: "Delete an orchestrator instance",
  description: "The same as deregistering it.",
  permission: "orchestrator.delete",
  request: { params: orchestratorParams },
  response: envelope(deletedInstance),
  errors: ["not_found", "database_unavailable"],
});

const heartbeat = defineRoute({
  method: "post",
  path: "/api/v1/internal/orchestrators/heartbeat",
  tag: "Registration",
  summary: "Heartbeat over HTTP",
  description:
    "For orchestrators without a WebSocket. A heartbeat counts whatever decorates it; `dropped` lists the values that could not be used.",
  permission: "orchestrator.heartbeat",
  request: { body: json(heartbeatBody) },
  response: heartbeatAnswer,
  errors: ["not_found"],
  maxBodyBytes: MAX_SIGN_OF_LIFE_BYTES,
  isTolerant: true,
});

export const registration = createRouter();

registration.openapi(register, async (c) => {
  const body = c.req.valid("json");
  const orchestratorId = firstId(body.orchestrator_id, body.organization_id);
  const organizationId = registrationTarget(c, orchestratorId, body.organization_id ?? null);
  const fields = toRegistrationFields(body, c.get("dropped"));
  const stub = orchestratorOf(c.env, orchestratorId);
  await requireRoomForOrchestrator(c, orchestratorId, organizationId ?? orchestratorId);
  const { text, credential } = makeAgentToken(orchestratorId);
  const result = unwrap(
    await stub.register({
      organizationId,
      fields,
      audit: auditOf(c),
      credential,
      readmit: body.readmit === true,
      ...droppedOf(c),
      isOwn: c.get("actor").kind === "agent",
    }),
  );
  const detail = await stub.describe();
  const row = await findStored(c, orchestratorId);
  return success(c, "Orchestrator instance registered (inactive until connection)", {
    orchestrator_id: orchestratorId,
    organization_id: result.organizationId,
    organization_name: row?.organizationName ?? result.organizationId,
    status: detail?.view.status ?? "inactive",
    created: result.created,
    ...(result.credentialIssued && { agent_token: text, connect_url: connectUrl(c, orchestratorId, text) }),
    ...droppedOf(c, result.dropped),
    timestamp: new Date().toISOString(),
    ...endpointsOf(orchestratorId),
  });
});

registration.openapi(deregister, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const isLeaving = c.get("actor").kind === "agent";
  const organizationId = isLeaving ? await leave(c, id) : await remove(c, id);
  const message = isLeaving
    ? `Orchestrator ${id} has signed off. Nothing was deleted; its next heartbeat makes it active again`
    : `Orchestrator ${id} deregistered successfully`;
  const answer = { orchestrator_id: id, organization_id: organizationId, deleted: !isLeaving };
  return success(c, message, { ...answer });
});

registration.openapi(deleteInstance, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const organizationId = await remove(c, id);
  const message = `Orchestrator instance ${id} deleted successfully`;
  return success(c, message, { data: { orchestrator_id: id, organization_id: organizationId } });
});

registration.openapi(heartbeat, async (c) => {
  const body = c.req.valid("json");
  const id = firstId(body.orchestrator_id, body.organization_id);
  await requireVisible(c, id);
  const { view, ignored } = unwrap(
    await orchestratorOf(c.env, id).heartbeat({
      source: { address: addressOf(c) },
      ...(body.timestamp && { claimedAt: Date.parse(body.timestamp) }),
      ...(body.health_status && { healthStatus: body.health_status }),
      ...(body.features && { features: body.features }),
      ...(body.metrics && { metrics: body.metrics }),
      ...droppedOf(c),
    }),
  );
  return success(c, ignored ? "Heartbeat ignored - orchestrator is independent" : "Heartbeat received", {
    orchestrator_id: id,
    organization_id: view.organizationId,
    status: view.status,
    health_status: view.healthStatus,
    last_seen: isoMoment(view.lastSeenAt),
    ignored,
    ...droppedOf(c),
    timestamp: new Date().toISOString(),
  });
});

async function remove(c: AppContext, id: string): Promise<string> {
  await requireVisible(c, id);
  return unwrap(await orchestratorOf(c.env, id).deregister(auditOf(c))).organizationId;
}

/** Clients call this whenever they stop, which must not delete their messages and ids. */
async function leave(c: AppContext, id: string): Promise<string> {
  await requireVisible(c, id);
  return unwrap(await orchestratorOf(c.env, id).leave(auditOf(c))).organizationId;
}

/** The schema requires one of them. */
function firstId(orchestratorId: string | null | undefined, organizationId: string | null | undefined): string {
  return orchestratorId ?? organizationId ?? "";
}

function endpointsOf(orchestratorId: string) {
  const internal = "/api/v1/internal/orchestrators";
  return {
    independence_support: { supported: true as const, endpoint: `${internal}/${orchestratorId}/independence` },
    controller_endpoints: {
      heartbeat: `${internal}/heartbeat`,
      status: `/api/v1/controller/orchestrator-instances/${orchestratorId}`,
      deregister: `${internal}/${orchestratorId}/deregister`,
      independence: `${internal}/${orchestratorId}/independence`,
      websocket: `/ws/${orchestratorId}`,
    },
    note: "The orchestrator becomes active when it connects or sends a heartbeat",
  };
}
