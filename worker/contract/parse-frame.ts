import {
  CLOSE,
  type FrameErrorCode,
  type InboundFrame,
  inboundSchema,
  isInboundType,
  type OutboundFrame,
} from "./frames.ts";
import { findJsonProblem } from "./json.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import type { Millis } from "./presence.ts";

export interface FrameError {
  code: FrameErrorCode;
  message: string;
  /** The `type` of the frame that was refused, when it had one. */
  ref: string | null;
  /** Whether it counts towards the strikes that close the socket. */
  strike: boolean;
  /** The close code when the socket ends at once. */
  close: number | null;
  /** How long to wait before the next try. */
  retryAfterMs?: number | undefined;
}

export type ParsedFrame = { ok: true; frame: InboundFrame } | { ok: false; error: FrameError };

const encoder = new TextEncoder();

function refuse(code: FrameErrorCode, message: string, rest: Partial<FrameError> = {}): ParsedFrame {
  return { ok: false, error: { code, message, ref: null, strike: true, close: null, ...rest } };
}

/** Parses one frame from outside: size, JSON, structure, type, schema, in that order. Never throws. */
export function parseFrame(raw: string | ArrayBuffer): ParsedFrame {
  if (typeof raw !== "string") {
    return refuse("binary_frame", "Send JSON as text frames.", { close: CLOSE.binary });
  }
  if (raw.length > MAX_FRAME_BYTES || encoder.encode(raw).byteLength > MAX_FRAME_BYTES) {
    return refuse("frame_too_large", `A frame may have at most ${MAX_FRAME_BYTES} bytes.`, { close: CLOSE.tooLarge });
  }
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch {
    return refuse("invalid_json", "The frame is not valid JSON.");
  }
  const problem = findJsonProblem(json);
  if (problem)
    return refuse("invalid_frame", `The frame ${problem.path ? `at ${problem.path} ` : ""}${problem.message}.`);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return refuse("invalid_frame", "The frame must be a JSON object.");
  }
  const type = "type" in json ? json.type : undefined;
  if (typeof type !== "string") return refuse("invalid_frame", "The frame has no type.");
  const ref = type.slice(0, 64);
  if (!isInboundType(type)) {
    return refuse("unknown_type", `The type ${JSON.stringify(ref)} is not known here.`, { ref, strike: false });
  }
  const parsed = inboundSchema(type).safeParse(json);
  if (parsed.success) return { ok: true, frame: parsed.data };
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join("/");
  return refuse("invalid_frame", `${path ? `${path}: ` : ""}${issue?.message ?? "The frame is not valid."}`, { ref });
}

/** The `error` frame of DESIGN §2. */
export function errorFrame(
  error: Pick<FrameError, "code" | "message" | "ref" | "retryAfterMs">,
  fatal: boolean,
  now: Millis,
): OutboundFrame {
  const { code, message, ref, retryAfterMs } = error;
  const pause = retryAfterMs !== undefined && { retry_after_ms: retryAfterMs };
  return { type: "error", data: { code, message, ref, fatal, ...pause }, timestamp: new Date(now).toISOString() };
}

/** The close code to answer a close with: echoing 1005, 1006, 1015, or one out of range, throws. */
export function answerableCloseCode(code: number): number {
  const reserved = code === 1004 || code === 1005 || code === 1006 || code === 1015;
  return reserved || code < 1000 || code > 4999 || (code > 1014 && code < 3000) ? CLOSE.normal : code;
}
