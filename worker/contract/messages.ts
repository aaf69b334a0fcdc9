import { z } from "zod";
import { jsonObject } from "./json.ts";
import type { Millis } from "./presence.ts";
import { MAX_TEXT_BYTES } from "./values/limits.ts";
import { DECISIONS, DIRECTIONS, MESSAGE_STATUSES, MESSAGE_TYPES } from "./values/messages.ts";

export const messageType = z.enum(MESSAGE_TYPES);
export const messageStatus = z.enum(MESSAGE_STATUSES);
export const decision = z.enum(DECISIONS);
export const direction = z.enum(DIRECTIONS);

export type MessageType = z.infer<typeof messageType>;
export type MessageStatus = z.infer<typeof messageStatus>;
export type Decision = z.infer<typeof decision>;
export type Direction = z.infer<typeof direction>;

/** `msg_` + UUIDv7, so that ids sort in creation order. */
export const messageId = z
  .string()
  .regex(/^msg_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "must be a message id")
  .meta({ description: "Message id", example: "msg_0192f0c1-7c1e-7000-8000-000000000000" });

export const messageContent = z
  .string()
  .min(1)
  .refine((text) => text.trim() !== "", "must not be blank")
  .refine(
    (text) => new TextEncoder().encode(text).byteLength <= MAX_TEXT_BYTES,
    `must not be longer than ${MAX_TEXT_BYTES} bytes`,
  );

export const messageMetadata = jsonObject;

/** A message as objects and queries exchange it. */
export interface Message {
  id: string;
  orchestratorId: string;
  type: MessageType;
  direction: Direction;
  content: string;
  metadata: z.infer<typeof jsonObject>;
  createdAt: Millis;
}
