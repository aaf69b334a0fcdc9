import { type ClientOptions, WebSocket } from "ws";
import type { ClientStreamFrame, ServerStreamFrame } from "../../worker/contract/stream.ts";
import { eventually, within } from "./eventually.ts";
import { type Closed, frameText, UpgradeRefused } from "./raw-client.ts";
import { StreamState } from "./stream-state.ts";

export interface StreamOptions {
  shard?: number;
  /** null: no Authorization header. */
  bearer?: string | null;
  headers?: Record<string, string>;
  /** The state of an earlier connection, to go on from there. */
  state?: StreamState;
  /** False: it never acknowledges a frame. */
  acks?: boolean;
  socket?: ClientOptions;
}

/** A viewer of one shard: applies the frames to its {@link StreamState} and acknowledges them. */
export class StreamClient {
  readonly state: StreamState;
  /** Every frame with the moment of its arrival and its length. */
  readonly frames: { at: number; chars: number; frame: ServerStreamFrame }[] = [];
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  #pongs = 0;

  private constructor(socket: WebSocket, state: StreamState, acks: boolean) {
    this.#socket = socket;
    this.state = state;
    socket.on("message", (data) => {
      const text = frameText(data);
      if (text === "pong") {
        this.#pongs += 1;
        return;
      }
      const frame = JSON.parse(text) as ServerStreamFrame;
      this.frames.push({ at: Date.now(), chars: text.length, frame });
      state.apply(frame);
      if (acks && frame.type !== "hello") this.send({ type: "ack", index: ackIndex(frame, state) });
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
    });
    socket.on("error", () => {
      // Always followed by "close".
    });
  }

  /** `wsUrl`: ws://host:port of the controller. */
  static open(wsUrl: string, options: StreamOptions = {}): Promise<StreamClient> {
    const { shard = 0, bearer = "fake-dev-token", headers = {}, state = new StreamState(), acks = true } = options;
    const cursor = state.cursor === null ? "" : `&cursor=${state.cursor}`;
    const authorization = bearer === null ? {} : { Authorization: `Bearer ${bearer}` };
    const socket = new WebSocket(`${wsUrl}/api/v1/stream?shard=${shard}${cursor}`, {
      handshakeTimeout: 15_000,
      ...options.socket,
      headers: { ...authorization, ...headers },
    });
    const client = new StreamClient(socket, state, acks);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(client));
      socket.once("error", reject);
      socket.once("unexpected-response", (request, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          reject(
            new UpgradeRefused(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString("utf8")),
          );
          request.destroy();
        });
      });
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get pongs(): number {
    return this.#pongs;
  }

  send(frame: ClientStreamFrame): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  /** Stops reading from the network, as a stalled client does. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Until the first snapshot is complete, or it has resumed. */
  async ready(timeoutMs = 15_000): Promise<this> {
    await eventually(
      () => {
        if (this.frames.length === 0 || this.state.index === null) throw new Error("the stream is not ready");
      },
      { timeoutMs, everyMs: 10 },
    );
    return this;
  }

  /** The cable is cut: no close frame. */
  async kill(): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }

  closedWithin(timeoutMs: number): Promise<Closed> {
    return within(this.closed, timeoutMs, "close of the stream");
  }
}

function ackIndex(frame: ServerStreamFrame, state: StreamState): number {
  return frame.type === "snapshot" ? frame.index : (state.index ?? 0);
}
