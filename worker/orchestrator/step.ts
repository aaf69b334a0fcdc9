import type { OutboundFrame } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { MessageType } from "../contract/messages.ts";
import type { MessageDecision } from "../contract/orchestrator.ts";
import type { LogLevel, Millis, Profile, Transition } from "../contract/presence.ts";
import type { ReportCause } from "./audit.ts";
import type { OrchestratorRecord, SocketState } from "./state.ts";
import type { Contest } from "./takeover.ts";
import type { ReadUsage } from "./usage.ts";

/** What the object has to do after a pure step. Interpreted in order by the Durable Object class. */
export type Effect =
  | { kind: "send"; frame: OutboundFrame }
  | { kind: "close"; code: number; reason: string }
  /** Which machines want this id, as of now. */
  | { kind: "contest"; contest: Contest; isRefusal: boolean }
  /** Two live machines use this id: kept as activity once, in the beginning. */
  | { kind: "duel" }
  /** Close the socket of the session that this handshake replaced. */
  | { kind: "evict"; socketId: string }
  | { kind: "log"; level: LogLevel; message: string }
  /** For the console at LOG_LEVEL=debug only. */
  | { kind: "trace"; message: string }
  | { kind: "activity"; type: string; data: JsonObject }
  /**
   * Tell Postgres what it says of itself, through the outbox; unless urgent, at most once a second. `before` is what was
   * known of it, for the audit; null: nothing.
   */
  | { kind: "register"; urgent: boolean; cause: ReportCause; before: Profile | null }
  /** A message from the orchestrator: stored once for each of its ids, then acknowledged. */
  | { kind: "message"; type: MessageType; clientId: string | null; content: string; metadata: JsonObject }
  | { kind: "decision"; decision: MessageDecision }
  /** A usage report: counted once for each of its ids, then acknowledged. */
  | { kind: "usage"; usage: ReadUsage }
  | { kind: "snapshot"; data: JsonObject }
  /** Send what waited for this orchestrator. */
  | { kind: "replay" }
  /** Tell it the configuration that waited for its next frame. */
  | { kind: "tell" }
  /** The messages that this session was sent are delivered. */
  | { kind: "confirm" }
  /** Tell the Fleet shard, now. */
  | { kind: "report"; transition: Transition | null }
  /** Tell the Fleet shard for those who watch, and nobody else. */
  | { kind: "sight" };

export interface Clock {
  now: Millis;
  ttlMs: number;
  reportIntervalMs: number;
}

/** One step of one socket: new state and effects. An unchanged `record` (same reference) is not written. */
export interface Step {
  record: OrchestratorRecord | null;
  socket: SocketState;
  effects: Effect[];
}

export const iso = (at: Millis): string => new Date(at).toISOString();
