import { MAX_LIMIT } from "../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { toFailure } from "../../lib/failure.ts";
import type { MessageFilter, MessageStatus } from "./filter.ts";
import type { Order, SendResult } from "./queue.ts";

export type Message = components["schemas"]["Message"];
export type NewMessage = components["schemas"]["NewMessage"];

export interface MessagePage {
  messages: Message[];
  /** The number of matches without the limit. */
  total: number;
}

function toQuery(filter: MessageFilter, status: MessageStatus, limit: number) {
  return {
    status,
    limit,
    ...(filter.type && { message_type: filter.type }),
    ...(filter.direction && { direction: filter.direction }),
    ...(filter.severity && { severity: filter.severity }),
    ...(filter.organizationId && { organization_id: filter.organizationId }),
    ...(filter.includeIndependent && { include_independent: "true" as const }),
  };
}

export async function fetchMessages(
  filter: MessageFilter,
  status: MessageStatus,
  limit: number,
  signal?: AbortSignal,
): Promise<MessagePage> {
  const query = toQuery(filter, status, limit);
  const answer = await ask(api.GET("/api/v1/internal/messages", { params: { query }, ...(signal && { signal }) }));
  return { messages: answer.messages, total: answer.total_count };
}

/** Loads messages that are no longer listed. Deleted ones are missing in the result. */
export async function findMessages(messages: readonly Message[]): Promise<Message[]> {
  const wanted = new Set(messages.map(({ id }) => id));
  const orchestrators = [...new Set(messages.map((message) => message.orchestrator_id))];
  const lists = await Promise.all(
    orchestrators.map(async (orchestrator_id) => {
      const query = { orchestrator_id, include_independent: "true" as const, limit: MAX_LIMIT };
      return (await ask(api.GET("/api/v1/internal/messages", { params: { query } }))).messages;
    }),
  );
  return lists.flat().filter(({ id }) => wanted.has(id));
}

/** Sends a decision; the result has a readable reason if it was rejected. */
export async function sendDecision({ id, decision }: Order, isLast: boolean): Promise<SendResult> {
  try {
    await ask(
      api.PUT("/api/v1/internal/messages/{message_id}/status", {
        params: { path: { message_id: id } },
        body: { status: decision },
        keepalive: isLast,
      }),
    );
    return { ok: true };
  } catch (error) {
    const { code, message } = toFailure(error);
    const isKept = code === "unauthorized" || (isLast && code === "unreachable");
    return { ok: false, reason: message, isKept };
  }
}

export async function sendMessage(orchestratorId: string, body: NewMessage): Promise<{ pushed: boolean }> {
  return await ask(
    api.POST("/api/v1/internal/orchestrators/{orchestrator_id}/messages", {
      params: { path: { orchestrator_id: orchestratorId } },
      body,
    }),
  );
}
