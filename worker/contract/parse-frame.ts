import { type Dropped, isObject } from "./cleaning.ts";
import { clean, coreOf } from "./decoration.ts";
import {
  type FrameErrorCode,
  type InboundFrame,
  inboundSchema,
  isInboundType,
  isSignOfLife,
  type OutboundFrame,
} from "./frames.ts";
import { findJsonProblem } from "./json.ts";
import type { Millis } from "./presence.ts";
import { readJson, readTolerantly } from "./read-json.ts";
import { CLOSE } from "./values/codes.ts";
import { MAX_FRAME_BYTES, MAX_SIGN_OF_LIFE_BYTES } from "./values/limits.ts";

export interface FrameError {
  code: FrameErrorCode;
  message: string;
  /** The `type` of the refused frame, if it had one. */
  ref: string | null;
  /** Whether it is a strike; too many close the socket. */
  strike: boolean;
  /** The close code when the socket ends at once. */
  close: number | null;
  /** The frame's own id, so that its sender can find the refused one. */
  id?: string | undefined;
  /** How long to wait before the next try. */
  retryAfterMs?: number | undefined;
}

/** `dropped`: what decorated the frame and could not be used as it came. */
export type ParsedFrame =
  | { ok: true; frame: InboundFrame; dropped: Dropped[]; id?: string }
  | { ok: false; error: FrameError };

const encoder = new TextEncoder();
const USAGE_REPORT = /"type"\s*:\s*"usage_report"/;

function refuse(code: FrameErrorCode, message: string, rest: Partial<FrameError> = {}): ParsedFrame {
  return { ok: false, error: { code, message, ref: null, strike: true, close: null, ...rest } };
}

/**
 * Parses one frame from outside: size, JSON, type, decoration, core, in that order. Never throws. Decoration is cleaned
 * before the schema sees it, so that only a core that cannot be used refuses a frame.
 */
export function parseFrame(raw: string | ArrayBuffer): ParsedFrame {
  if (typeof raw !== "string") {
    return refuse("binary_frame", "Send JSON as text frames.", { close: CLOSE.binary });
  }
  const bytes = raw.length > MAX_SIGN_OF_LIFE_BYTES ? raw.length : encoder.encode(raw).byteLength;
  if (bytes > MAX_SIGN_OF_LIFE_BYTES) return tooLarge();
  const json = read(raw);
  const type = typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
  if (bytes > MAX_FRAME_BYTES && !isSignOfLife(type)) return tooLarge();
  if (json === undefined) {
    // A single NaN makes a whole usage report unreadable, and it can be sent again without it.
    const about = USAGE_REPORT.test(raw) ? { ref: "usage_report", strike: false } : {};
    return refuse("invalid_json", "The frame is not valid JSON.", about);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return refuse("invalid_frame", "The frame must be a JSON object.");
  }
  if (typeof type !== "string") return refuse("invalid_frame", "The frame has no type.");
  const ref = type.slice(0, 64).toWellFormed();
  if (!isInboundType(type)) {
    return refuse("unknown_type", `The type ${JSON.stringify(ref)} is not known here.`, { ref, strike: false });
  }
  const schema = inboundSchema(type);
  const cleaned = clean(schema, json);
  // A usage report is worth a second try and no reason to lose its session.
  const about = { ref, strike: type !== "usage_report", ...ownIdOf(cleaned.value) };
  const problem = findJsonProblem(coreOf(schema, cleaned.value));
  if (problem) {
    const message = `The frame ${problem.path ? `at ${problem.path} ` : ""}${problem.message}.`;
    return refuse("invalid_frame", message, about);
  }
  const parsed = schema.safeParse(cleaned.value);
  if (parsed.success) return { ok: true, frame: parsed.data, dropped: cleaned.dropped, ...ownIdOf(cleaned.value) };
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join("/");
  const message = `${path ? `${path}: ` : ""}${issue?.message ?? "The frame is not valid."}`;
  return refuse("invalid_frame", message, about);
}

function tooLarge(): ParsedFrame {
  const message = `A frame may have at most ${MAX_FRAME_BYTES} bytes.`;
  return refuse("frame_too_large", message, { close: CLOSE.tooLarge });
}

/** The parsed frame, or undefined. A sign of life counts also when something in it is no JSON. */
function read(raw: string): unknown {
  const json = readJson(raw);
  if (json !== undefined) return json;
  const found = readTolerantly(raw);
  const type = found?.value.type;
  if (!found || !isSignOfLife(type)) return undefined;
  // A handshake takes back what it does not mention, so one that broke off is not accepted.
  return found.isComplete || type === "i_am_alive" || type === "keepalive" ? found.value : undefined;
}

/** The id of a report or a message. */
function ownIdOf(frame: unknown): { id?: string } {
  if (!isObject(frame)) return {};
  const data = isObject(frame.data) ? frame.data : frame;
  const id = data.report_id ?? data.message_id ?? data.id;
  return typeof id === "string" && id.length <= 255 && id.isWellFormed() ? { id } : {};
}

/** The `error` frame, which answers an unusable frame. */
export function errorFrame(
  error: Pick<FrameError, "code" | "message" | "ref" | "id" | "retryAfterMs">,
  fatal: boolean,
  now: Millis,
): OutboundFrame {
  const { code, message, ref, id, retryAfterMs } = error;
  const more = { ...(id !== undefined && { id }), ...(retryAfterMs !== undefined && { retry_after_ms: retryAfterMs }) };
  return { type: "error", data: { code, message, ref, fatal, ...more }, timestamp: new Date(now).toISOString() };
}

/** The close code to answer a close with. Echoing 1005, 1006, 1015 or one out of range throws. */
export function answerableCloseCode(code: number): number {
  const reserved = code === 1004 || code === 1005 || code === 1006 || code === 1015;
  return reserved || code < 1000 || code > 4999 || (code > 1014 && code < 3000) ? CLOSE.normal : code;
}
