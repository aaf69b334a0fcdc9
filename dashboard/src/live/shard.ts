import type { ClientStreamFrame, ServerStreamFrame, StreamLogLine } from "../../../worker/contract/stream.ts";
import { STREAM_CLOSE } from "../../../worker/contract/values/codes.ts";
import { controllerNow } from "../lib/controller-time.ts";
import { cursorOf, NO_PROGRESS, type Progress, reduceFrame } from "./reducer.ts";
import type { Patch } from "./store.ts";

/** The ping interval; a socket that is silent for one interval is dead. */
export const PING_INTERVAL_MS = 15_000;
/** The timeout of a ping after a network change, and of the first frame of a new socket. */
export const PROBE_MS = 5000;
const HELLO_MS = 10_000;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** The minimum delay in a hidden page, where browsers throttle timers anyway. */
const HIDDEN_DELAY_MS = 10_000;
/** The retry delay after a quota refusal, which lasts until someone closes a page. */
const QUOTA_DELAY_MS = 60_000;

export interface ShardState {
  /** The snapshot is complete and changes arrive. */
  isLive: boolean;
  /** It was live at least once. */
  wasLive: boolean;
  /** Failed attempts in a row. */
  failures: number;
  /** When the next attempt is due, or null. */
  retryAt: number | null;
  /** The controller's reason for refusing the connection, or null; kept until the shard is live again. */
  refusal: string | null;
}

export interface ShardOptions {
  shard: number;
  openSocket: (shard: number, cursor: string | null) => WebSocket;
  onShards: (shards: number) => void;
  onPatch: (shard: number, patch: Patch) => void;
  onLines: (lines: readonly StreamLogLine[]) => void;
  onState: () => void;
  onSessionEnd: () => void;
  /** Returns the subscription, which is sent whenever the shard becomes live. */
  wanted: (shard: number) => ClientStreamFrame | null;
  isHidden: () => boolean;
  random: () => number;
}

/** Full jitter, so that many pages do not reconnect in step. */
export function reconnectDelay(failures: number, chance: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1), MAX_DELAY_MS) * chance;
}

/** Follows one shard of the fleet, and reconnects from its cursor. */
export class Shard {
  readonly #options: ShardOptions;
  #progress: Progress = NO_PROGRESS;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pinger: ReturnType<typeof setTimeout> | undefined;
  #hasReceived = false;
  #state: ShardState = { isLive: false, wasLive: false, failures: 0, retryAt: null, refusal: null };

  constructor(options: ShardOptions) {
    this.#options = options;
  }

  get state(): ShardState {
    return this.#state;
  }

  /** Connects now, unless it is connected or about to be. */
  connect(): void {
    clearTimeout(this.#timer);
    if (this.#socket) return;
    const { shard, openSocket } = this.#options;
    const socket = openSocket(shard, cursorOf(this.#progress));
    this.#socket = socket;
    this.#set({ retryAt: null });
    socket.onmessage = (event) => this.#socket === socket && this.#hear(String(event.data));
    socket.onclose = (event) => this.#socket === socket && this.#lose(event.code, event.reason);
    this.#timer = setTimeout(() => this.#lose(null), HELLO_MS);
  }

  /** Closes the socket until {@link connect}, which resumes from the cursor. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#drop();
    this.#set({ isLive: false, failures: 0, retryAt: null, refusal: null });
  }

  /** Starts over: the next connection brings a snapshot. */
  reset(): void {
    this.rest();
    this.#progress = NO_PROGRESS;
  }

  /** Call when the network may have changed or the page becomes visible: reconnects at once, or checks the old socket. */
  wake(): void {
    if (!this.#socket) {
      this.connect();
    } else if (this.#state.isLive) {
      this.#ping(PROBE_MS);
    }
  }

  send(frame: ClientStreamFrame | null): void {
    if (frame && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #hear(text: string): void {
    this.#hasReceived = true;
    if (text === "pong") return;
    const frame = JSON.parse(text) as ServerStreamFrame;
    const reaction = reduceFrame(this.#progress, frame);
    if (reaction === "gap") {
      this.#progress = NO_PROGRESS;
      this.#lose(null);
      return;
    }
    this.#progress = reaction.progress;
    if (reaction.patch) this.#options.onPatch(this.#options.shard, reaction.patch);
    if (reaction.lines.length > 0) this.#options.onLines(reaction.lines);
    if (reaction.ack !== null) this.send({ type: "ack", index: reaction.ack });
    if (frame.type === "hello") {
      clearTimeout(this.#timer);
      this.#ping(PING_INTERVAL_MS);
      this.#options.onShards(frame.shards);
    }
    // A handler of the hello may have closed this socket.
    if (this.#socket && !this.#state.isLive && this.#progress.index !== null) {
      this.#set({ isLive: true, wasLive: true, failures: 0, refusal: null });
      this.send(this.#options.wanted(this.#options.shard));
    }
  }

  /** Sends pings and closes a socket that does not answer. */
  #ping(patienceMs: number): void {
    clearTimeout(this.#pinger);
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#hasReceived = false;
    this.#socket.send("ping");
    this.#pinger = setTimeout(() => {
      // A timer may fire late in a hidden page; frames that arrived in the meantime count.
      if (this.#hasReceived) this.#ping(PING_INTERVAL_MS);
      else this.#lose(null);
    }, patienceMs);
  }

  #lose(code: number | null, reason = ""): void {
    clearTimeout(this.#timer);
    this.#drop();
    if (code === STREAM_CLOSE.revoked) {
      this.#set({ isLive: false, retryAt: null });
      this.#options.onSessionEnd();
      return;
    }
    const failures = this.#state.failures + 1;
    const refusal = code === STREAM_CLOSE.quotaExceeded ? reason : null;
    const chance = this.#options.random();
    const delay = refusal === null ? reconnectDelay(failures, chance) : (QUOTA_DELAY_MS * (1 + chance)) / 2;
    const wait = this.#options.isHidden() ? Math.max(delay, HIDDEN_DELAY_MS) : delay;
    this.#timer = setTimeout(() => this.connect(), wait);
    this.#set({ isLive: false, failures, retryAt: controllerNow() + wait, refusal });
  }

  #drop(): void {
    clearTimeout(this.#pinger);
    const socket = this.#socket;
    this.#socket = null;
    // A partial snapshot is useless.
    if (this.#progress.snapshot) this.#progress = NO_PROGRESS;
    socket?.close(STREAM_CLOSE.normal);
  }

  #set(change: Partial<ShardState>): void {
    this.#state = { ...this.#state, ...change };
    this.#options.onState();
  }
}
