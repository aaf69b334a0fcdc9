import { hostname } from "node:os";
import { type RawData, WebSocket } from "ws";
import type { InboundFrame } from "../../../worker/contract/frames.ts";
import { CLOSE } from "../../../worker/contract/values/codes.ts";
import { printable } from "../format-table.ts";
import { type ControllerFrame, readFrame } from "./frames.ts";
import type { Target } from "./target.ts";
import type { End } from "./verdict.ts";

type Frame<T extends ControllerFrame["type"]> = Extract<ControllerFrame, { type: T }>;

const ANSWER_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 5_000;
/** As many heartbeats in a row without any answer, and the connection counts as dead: the network may not say so. */
const UNANSWERED_LIMIT = 2;
const REMEMBERED_MESSAGES = 1000;

/** What the example orchestrator keeps while connections come and go. A real one would keep it on its disk. */
export interface Memory {
  id: string;
  name: string | undefined;
  startedAt: number;
  features: Record<string, unknown>;
  /** Ids of messages that it has: one that was not confirmed comes again with the next connection. */
  messages: Set<string>;
  reconnect: { minMs: number; maxMs: number };
}

export function newMemory(id: string, name: string | undefined, now: number): Memory {
  const reconnect = { minMs: 1_000, maxMs: 30_000 };
  return { id, name, startedAt: now, features: {}, messages: new Set(), reconnect };
}

/** How the session ended. `wasHeard`: a heartbeat was acknowledged, so that the next failure is the first one again. */
export type SessionEnd = End & { wasHeard: boolean };

/** One connection, from the upgrade to its end: handshake, heartbeats, and an answer to what the controller sends. */
export class Session {
  readonly ended: Promise<SessionEnd>;
  readonly #socket: WebSocket;
  readonly #memory: Memory;
  readonly #say: (line: string) => void;
  #resolve: (end: SessionEnd) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #confirming: NodeJS.Immediate | undefined;
  #beats = 0;
  #unanswered = 0;
  #wasHeard = false;
  #error: Extract<End, { kind: "closed" }>["error"] = null;

  constructor({ url, headers }: Target, memory: Memory, say: (line: string) => void) {
    this.#memory = memory;
    this.#say = say;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#socket = new WebSocket(url, { headers, handshakeTimeout: ANSWER_TIMEOUT_MS });
    this.#socket.on("open", () => this.#open());
    this.#socket.on("message", (data) => this.#receive(data));
    this.#socket.on("unexpected-response", (_request, response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        if (body.length < 10_000) body += chunk.toString("utf8");
      });
      response.on("end", () => {
        const after = Number(response.headers["retry-after"]);
        const retryAfterMs = after > 0 ? after * 1000 : null;
        this.#end({ kind: "refused", status: response.statusCode ?? 0, message: messageIn(body), retryAfterMs });
      });
    });
    // "close" follows, and would say no more than 1006.
    this.#socket.on("error", (error) => this.#end({ kind: "unreachable", reason: error.message || error.name }));
    this.#socket.on("close", (code, reason) =>
      this.#end({ kind: "closed", code, reason: printable(reason.toString("utf8")), error: this.#error }),
    );
  }

  /** Signs off: the controller shows the orchestrator as disconnected at once, and does not wait for missing heartbeats. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(CLOSE.normal, "stopped");
    else this.#socket.terminate();
    this.#timer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
  }

  #end(end: End): void {
    clearTimeout(this.#timer);
    this.#resolve({ ...end, wasHeard: this.#wasHeard });
  }

  #send(frame: InboundFrame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #open(): void {
    const { id, name } = this.#memory;
    const metadata = { version: "example", hostname: hostname(), ...(name !== undefined && { name }) };
    // The first frame of a connection opens the session; nothing else is taken before it.
    this.#send({ type: "handshake", timestamp: now(), data: { orchestrator_id: id, metadata } });
    this.#say("Connected. Sent the handshake.");
    this.#timer = setTimeout(() => this.#socket.terminate(), ANSWER_TIMEOUT_MS);
  }

  #receive(data: RawData): void {
    const read = readFrame(textOf(data));
    this.#unanswered = 0;
    if ("known" in read) this.#say(this.#answer(read.known));
    else this.#say(`Got ${printable(read.ignored)}, which this example does not know. It goes on without it.`);
  }

  /** Does what the frame asks for, and says what that was. */
  #answer(frame: ControllerFrame): string {
    switch (frame.type) {
      case "handshake_ack":
        return this.#establish(frame);
      case "provisioning":
        return this.#provision(frame);
      case "provision_config":
        return this.#apply(frame);
      case "keepalive_ack":
        this.#wasHeard = true;
        return `Heartbeat ${this.#beats} acknowledged${frame.independent ? ", and otherwise ignored: it is independent" : ""}.`;
      case "message":
        return this.#take(frame);
      case "message_status":
        return `Message ${printable(frame.message_id)} was ${printable(frame.status)}.`;
      case "independence_update":
        // Only this answer tells the controller that the orchestrator has stored it.
        this.#send({ type: "independence_ack", is_independent: frame.is_independent });
        return `${frame.is_independent ? "Set free" : "Under control"}${frame.privacy_mode ? ", in privacy mode" : ""}. Confirmed it.`;
      case "stop_monitoring":
        return "Asked to send no monitoring messages. This example sends none.";
      case "error":
        return this.#note(frame);
    }
  }

  #establish({ orchestrator_id: id, pacing }: Frame<"handshake_ack">): string {
    const { heartbeat_interval_sec: everySec, reconnect } = pacing;
    this.#memory.reconnect = { minMs: reconnect.min_ms, maxMs: reconnect.max_ms };
    this.#beatEvery(everySec * 1000);
    return `The controller knows it as ${printable(id)}. It sends a heartbeat now, and then every ${everySec} s.`;
  }

  /** The first heartbeat goes out at once. */
  #beatEvery(intervalMs: number): void {
    clearTimeout(this.#timer);
    if (this.#unanswered >= UNANSWERED_LIMIT) {
      this.#say(`No answer to ${UNANSWERED_LIMIT} heartbeats. The connection counts as dead.`);
      this.#socket.terminate();
      return;
    }
    this.#beat();
    this.#timer = setTimeout(() => this.#beatEvery(intervalMs), intervalMs);
  }

  #beat(): void {
    this.#beats += 1;
    this.#unanswered += 1;
    const uptimeSec = Math.round((Date.now() - this.#memory.startedAt) / 1000);
    this.#send({ type: "i_am_alive", timestamp: now(), health_status: "healthy", metrics: { uptime_sec: uptimeSec } });
  }

  #provision({ data: { name, features, replace_features: isWhole } }: Frame<"provisioning">): string {
    // Before anything is published, the features that it was registered with are added to those that it has.
    this.#memory.features = isWhole ? features : { ...this.#memory.features, ...features };
    return `Its features: ${keysOf(this.#memory.features)}.${name === undefined ? "" : ` The controller calls it "${printable(name)}".`}`;
  }

  /** A real orchestrator would change its cache, firewall and routing here, and say "failed" and why when it cannot. */
  #apply({ data, revision, hash }: Frame<"provision_config">): string {
    if (revision === 0) return "No configuration is published for it yet.";
    this.#memory.features = data.features;
    // Revision and hash say which configuration is meant: a newer one may be on its way.
    this.#send({ type: "config_status", revision, hash, status: "applied" });
    return `Applied configuration ${revision} (features: ${keysOf(data.features)}), and confirmed it.`;
  }

  #take({ data: { message_id: id, message_type: type, content } }: Frame<"message">): string {
    const { messages } = this.#memory;
    const isNew = !messages.has(id);
    messages.add(id);
    const [oldest] = messages;
    if (messages.size > REMEMBERED_MESSAGES && oldest !== undefined) messages.delete(oldest);
    this.#confirmSoon();
    if (!isNew) return `Message ${printable(id)} came again. Confirmed it.`;
    return `Message ${printable(id)} (${printable(type)}): ${printable(content)}`;
  }

  /** Any frame that follows messages confirms that they have arrived; one will do for all that came together. */
  #confirmSoon(): void {
    if (this.#confirming) return;
    this.#confirming = setImmediate(() => {
      this.#confirming = undefined;
      this.#beat();
    });
  }

  #note({ data: { code, message, fatal, retry_after_ms: retryAfterMs } }: Frame<"error">): string {
    this.#error = { code, retryAfterMs: retryAfterMs ?? null };
    return `The controller refused a frame (${printable(code)}): ${printable(message)}${fatal ? " It closes now." : ""}`;
  }
}

function keysOf(features: Record<string, unknown>): string {
  return Object.keys(features).map(printable).join(", ") || "none";
}

function now(): string {
  return new Date().toISOString();
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString("utf8");
}

/** The sentence in an answer of the controller; empty when what answers is something else. */
function messageIn(body: string): string {
  try {
    return printable(String(JSON.parse(body).message ?? ""));
  } catch {
    return "";
  }
}
