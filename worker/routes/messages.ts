import { actorName, organizationsOf } from "../contract/actor.ts";
import { isoMoment, toLimitView } from "../contract/rest/common.ts";
import {
  createdMessageAnswer,
  decisionAnswer,
  decisionBody,
  type MessageQuery,
  type MessageView,
  messageBody,
  messageListAnswer,
  messageParams,
  messageQuery,
  orchestratorMessageQuery,
  orchestratorMessagesAnswer,
} from "../contract/rest/messages.ts";
import { orchestratorParams } from "../contract/rest/orchestrators.ts";
import { withDatabase } from "../db/client.ts";
import { findMessage, listMessages, type MessageRow } from "../db/messages-read.ts";
import { decideMessage } from "../db/messages-write.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditEntry, auditOf } from "../middleware/caller.ts";
import { ApiError, afterChange, notFound } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { redact } from "../platform/redact.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { describeOrThrow, requireVisible, unwrap } from "./orchestrator-calls.ts";
import { success } from "./success.ts";

const OF_ORCHESTRATOR = "/api/v1/internal/orchestrators/{orchestrator_id}/messages";

const create = defineRoute({
  method: "post",
  path: OF_ORCHESTRATOR,
  tag: "Messages",
  summary: "Send a message to an orchestrator",
  description:
    "The message is stored and sent at once if the orchestrator is connected, otherwise in its next session. It counts as delivered with the next frame of the session in which it was sent; until then each new session receives it again under the same id.",
  permission: "message.send",
  request: { params: orchestratorParams, body: json(messageBody) },
  response: createdMessageAnswer,
  errors: ["not_found", "independent", "quota_exceeded", "database_unavailable"],
});

const listOfOrchestrator = defineRoute({
  method: "get",
  path: OF_ORCHESTRATOR,
  tag: "Messages",
  summary: "Messages of an orchestrator",
  description: "Newest first. Empty while the orchestrator is independent, unless `include_independent` is true.",
  permission: "message.read",
  request: { params: orchestratorParams, query: orchestratorMessageQuery },
  response: orchestratorMessagesAnswer,
  errors: ["not_found", "database_unavailable"],
});

const list = defineRoute({
  method: "get",
  path: "/api/v1/internal/messages",
  tag: "Messages",
  summary: "Messages of all orchestrators",
  description: "Newest first. Those of independent orchestrators are hidden unless `include_independent` is true.",
  permission: "message.list",
  request: { query: messageQuery },
  response: messageListAnswer,
  errors: ["database_unavailable"],
});

const decide = defineRoute({
  method: "put",
  path: "/api/v1/internal/messages/{message_id}/status",
  tag: "Messages",
  summary: "Accept or dismiss a message",
  description:
    "A decision is final: repeating it only sends it to the orchestrator again, and the other one is refused.",
  permission: "message.decide",
  request: { params: messageParams, body: json(decisionBody) },
  response: decisionAnswer,
  errors: ["not_found", "invalid_transition", "database_unavailable"],
});

export const messages = createRouter();

messages.openapi(create, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const body = c.req.valid("json");
  await requireVisible(c, id);
  const { message, pushed } = unwrap(
    await orchestratorOf(c.env, id).createMessage({
      type: body.message_type,
      content: body.content,
      metadata: body.metadata ?? body.message_metadata ?? {},
      audit: auditOf(c),
    }),
  );
  return success(c, "Message created successfully", {
    message_id: message.id,
    orchestrator_id: id,
    message_type: message.type,
    direction: message.direction,
    status: "pending" as const,
    pushed,
    delivery: pushed ? ("sent" as const) : ("queued" as const),
    delivered_at: null,
    created_at: new Date(message.createdAt).toISOString(),
  });
});

messages.openapi(listOfOrchestrator, async (c) => {
  const { orchestrator_id: id } = c.req.valid("param");
  const found = await readMessages(c, { ...c.req.valid("query"), orchestrator_id: id });
  if (found.total_count === 0) await describeOrThrow(c, id);
  return success(c, "Messages retrieved successfully", { orchestrator_id: id, ...found });
});

messages.openapi(list, async (c) => {
  const found = await readMessages(c, c.req.valid("query"));
  return success(c, "All messages retrieved successfully", { ...found });
});

messages.openapi(decide, async (c) => {
  const { message_id: id } = c.req.valid("param");
  const { status } = c.req.valid("json");
  const actor = c.get("actor");
  const row = await findMessage(c.env, actor, id);
  if (!row) throw notFound(`Message ${id}`);
  const { orchestratorId, organizationId } = row;
  const audit = auditEntry(c, {
    action: "message.decide",
    targetType: "orchestrator",
    targetId: orchestratorId,
    organizationId,
    before: { message_id: id, status: "pending" },
    after: { message_id: id, status },
  });
  const request = { id, status, actor: actorName(actor), organizations: organizationsOf(actor), orchestratorId };
  const { outcome, status: stored } = await withDatabase(c.env, (db) => decideMessage(db, request, [audit]));
  if (outcome === "missing") throw notFound(`Message ${id}`);
  if (outcome === "decided") throw new ApiError("invalid_transition", `The message is already ${stored}`);
  // Also when nothing changed, because a repeated request replaces an announcement that was lost.
  const message = `The message is ${status}, but its orchestrator is not informed yet. Send the same decision again`;
  await afterChange({ message, accepted: false }, () =>
    orchestratorOf(c.env, orchestratorId).announceDecision({ messageId: id, status }),
  );
  return success(c, `Message ${status} successfully`, { message_id: id, status, orchestrator_id: orchestratorId });
});

async function readMessages(c: AppContext, query: MessageQuery) {
  const { rows, nextCursor, total } = await listMessages(c.env, c.get("actor"), query);
  const { kind } = c.get("actor");
  const items = rows.map((row) => toMessage(kind === "agent" ? row : shownMessage(row)));
  return {
    messages: items,
    data: items,
    total_count: total,
    ...toLimitView(query.limit),
    next_cursor: nextCursor,
    returned: items.length,
    truncated: items.length < total,
  };
}

/** Masked for viewers. An orchestrator reads its own messages as they were sent. */
function shownMessage(row: MessageRow): MessageRow {
  return { ...row, content: redact(row.content), messageMetadata: redact(row.messageMetadata) };
}

function toMessage(row: MessageRow): MessageView {
  return {
    id: row.id,
    orchestrator_id: row.orchestratorId,
    orchestrator_name: row.orchestratorName,
    organization_id: row.organizationId,
    organization_name: row.organizationName,
    is_independent: row.isIndependent,
    message_type: row.messageType,
    direction: row.direction,
    content: row.content,
    metadata: row.messageMetadata,
    message_metadata: row.messageMetadata,
    status: row.status,
    delivered_at: isoMoment(row.deliveredAt),
    decided_by: row.decidedBy,
    decided_at: isoMoment(row.decidedAt),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
