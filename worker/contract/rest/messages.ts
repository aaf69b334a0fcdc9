import { z } from "zod";
import { orchestratorId, organizationId } from "../ids.ts";
import { jsonObject } from "../json.ts";
import { decision, direction, messageContent, messageMetadata, messageStatus, messageType } from "../messages.ts";
import { MAX_LIMIT } from "../values/limits.ts";
import {
  cappedLimit,
  cursorQuery,
  extentView,
  flag,
  limitView,
  maybeMoment,
  moment,
  nextCursor,
  outcome,
  searchText,
} from "./common.ts";
import { fromDate, toDate } from "./dates.ts";

const metadata = messageMetadata.nullish().meta({ description: "Free metadata of the message" });

export const messageBody = z
  .object({
    message_type: messageType
      .nullish()
      .transform((type) => type ?? ("monitoring" as const))
      .meta({ description: "Absent: monitoring" }),
    content: messageContent,
    metadata,
    message_metadata: metadata.meta({ description: "Another spelling of `metadata`" }),
  })
  .meta({ id: "NewMessage", description: "A recommendation or monitoring message for one orchestrator" });

/** Wider than the ids of this release: an older id is unknown, not malformed. */
export const messageParams = z.object({
  message_id: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, "must be a message id")
    .meta({ description: "Message id", example: "msg_0192f0c1-7c1e-7000-8000-000000000000" }),
});

export const decisionBody = z
  .object({ status: decision })
  .meta({ id: "Decision", description: "Accepts or dismisses a pending message" });

const filters = {
  message_type: messageType.optional().meta({ description: "Only messages of this type" }),
  status: messageStatus.optional().meta({ description: "Only messages of this status" }),
  direction: direction.optional().meta({ description: "inbound: from the orchestrator; outbound: to it" }),
  severity: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9_-]{1,32}$/, "must be a word")
    .optional()
    .meta({ description: "Only messages whose metadata has this `severity`, in small or capital letters" }),
  include_independent: flag("Also messages of independent orchestrators, which are hidden otherwise"),
  since: fromDate.optional().meta({ description: "Created not before this date or moment, UTC" }),
  until: toDate.optional().meta({ description: "Created before this moment, or until the end of this date, UTC" }),
  q: searchText.meta({ description: "Part of the content" }),
  ...cursorQuery,
  limit: cappedLimit(MAX_LIMIT, 100, "Newest messages to return"),
};

export const orchestratorMessageQuery = z.object(filters);

export const messageQuery = z.object({
  ...filters,
  orchestrator_id: orchestratorId.optional().meta({ description: "Only messages of this orchestrator" }),
  organization_id: organizationId.optional().meta({ description: "Only messages of this organization" }),
});

export const message = z
  .object({
    id: z.string(),
    orchestrator_id: orchestratorId,
    orchestrator_name: z.string().nullable(),
    organization_id: organizationId,
    organization_name: z.string(),
    is_independent: z.boolean().meta({ description: "Its orchestrator is, now" }),
    message_type: messageType,
    direction,
    content: z.string().meta({
      description: "Secrets in content and metadata are masked, unless the orchestrator itself reads its messages",
    }),
    metadata: jsonObject,
    message_metadata: jsonObject.meta({ description: "The same as `metadata`" }),
    status: messageStatus,
    delivered_at: maybeMoment.meta({
      description: "When a later frame of the orchestrator confirmed it, or when it reached the controller",
    }),
    decided_by: z.string().nullable(),
    decided_at: maybeMoment,
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: "Message", description: "A message between the controller and one orchestrator" });

/** Two documents spell the list differently; both are sent. */
const list = {
  messages: z.array(message),
  data: z.array(message).meta({ description: "The same as `messages`" }),
  total_count: z.int().meta({ description: "Matches before the limit, on all pages" }),
  ...limitView,
  next_cursor: nextCursor,
  ...extentView,
};

export const messageListAnswer = z
  .object({ ...outcome, ...list })
  .meta({ id: "Messages", description: "Messages, newest first" });

export const orchestratorMessagesAnswer = z
  .object({ ...outcome, orchestrator_id: orchestratorId, ...list })
  .meta({ id: "OrchestratorMessages", description: "Messages of one orchestrator, newest first" });

export const createdMessageAnswer = z
  .object({
    ...outcome,
    message_id: z.string(),
    orchestrator_id: orchestratorId,
    message_type: messageType,
    direction,
    status: messageStatus,
    pushed: z.boolean().meta({ description: "True: sent over the open connection, which may be dead; see `delivery`" }),
    delivery: z.enum(["sent", "queued"]).meta({
      description:
        "sent: its next frame confirms it, or it is sent again in its next session; queued: it waits for the orchestrator",
    }),
    delivered_at: z.null().meta({ description: "Nothing is delivered before the orchestrator sends a frame again" }),
    created_at: moment,
  })
  .meta({ id: "CreatedMessage", description: "The message is stored" });

export const decisionAnswer = z
  .object({ ...outcome, message_id: z.string(), status: messageStatus, orchestrator_id: orchestratorId })
  .meta({ id: "DecidedMessage", description: "The decision in force" });

export type MessageView = z.infer<typeof message>;
export type MessageQuery = z.infer<typeof messageQuery>;
