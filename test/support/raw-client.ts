import { type ClientOptions, type RawData, WebSocket } from "ws";
import { within } from "./eventually.ts";

export type Frame = { type: string } & Record<string, unknown>;

export interface LoggedFrame {
  at: number;
  dir: "in" | "out";
  /** The parsed frame, or the text itself when it is no JSON object. */
  frame: Frame | string;
}

export interface Closed {
  code: number;
  reason: string;
}

/** The server answered the upgrade with something other than 101. */
export class UpgradeRefused extends Error {
  override readonly name = "UpgradeRefused";
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;

  constructor(status: number, headers: Record<string, string | string[] | undefined>, body: string) {
    super(`upgrade refused with ${status}: ${body}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

export function frameText(data: RawData): string {
  const buffer = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  return buffer.toString("utf8");
}

export function parseFrame(text: string): Frame | string {
  try {
    const value: unknown = JSON.parse(text);
    const isFrame = typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
    return isFrame ? (value as Frame) : text;
  } catch {
    return text;
  }
}

/** A WebSocket client that sends exactly what it is told to and hands out what comes back, in order. */
export class RawClient {
  readonly frames: LoggedFrame[] = [];
  /** Settles once, with the code that this end has seen. */
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  readonly #unread: (Frame | string)[] = [];
  #wake: (() => void) | null = null;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const frame = parseFrame(frameText(data));
      this.frames.push({ at: Date.now(), dir: "in", frame });
      this.#unread.push(frame);
      this.#wake?.();
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString("utf8") });
        this.#wake?.();
      });
    });
    socket.on("error", () => {
      // Always followed by "close", which is what the tests look at.
    });
  }

  static open(url: string, options: ClientOptions = {}): Promise<RawClient> {
    const socket = new WebSocket(url, { handshakeTimeout: 15_000, ...options });
    const client = new RawClient(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(client));
      socket.once("error", reject);
      socket.once("unexpected-response", (request, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const body = Buffer.concat(chunks).toString("utf8");
          reject(new UpgradeRefused(response.statusCode ?? 0, response.headers, body));
          request.destroy();
        });
      });
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(frame: unknown): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.frames.push({ at: Date.now(), dir: "out", frame: parseFrame(text) });
    this.#socket.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.frames.push({ at: Date.now(), dir: "out", frame: `<${bytes.byteLength} bytes>` });
    this.#socket.send(bytes, { binary: true });
  }

  /** The next frame; with `type`, the next one of that type, and those before it are skipped. */
  async next(type?: string, timeoutMs = 15_000): Promise<Frame> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (let frame = this.#unread.shift(); frame !== undefined; frame = this.#unread.shift()) {
        if (typeof frame === "string") throw new Error(`not a frame: ${frame}`);
        if (type === undefined || frame.type === type) return frame;
      }
      const wait = deadline - Date.now();
      if (wait <= 0 || !this.isOpen) {
        const state = this.isOpen ? "open" : `closed ${JSON.stringify(await this.closed)}`;
        throw new Error(`no ${type ?? "frame"} arrived; the socket is ${state}; log: ${this.describe()}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
  }

  /** Closes with a close frame (none of its own code when `code` is absent) and waits for the answer to it. */
  async close(code?: number, reason?: string): Promise<Closed> {
    this.#socket.close(code, reason);
    return this.closedWithin(15_000);
  }

  closedWithin(timeoutMs: number): Promise<Closed> {
    return within(this.closed, timeoutMs, `close of the socket; log: ${this.describe()}`);
  }

  /** Takes nothing from the network any more, until {@link resume}. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The cable is cut: no close frame. */
  kill(): void {
    this.#socket.terminate();
  }

  received(type: string): Frame[] {
    return this.frames.flatMap(({ dir, frame }) =>
      dir === "in" && typeof frame === "object" && frame.type === type ? [frame] : [],
    );
  }

  describe(): string {
    return this.frames.map(({ dir, frame }) => `${dir} ${JSON.stringify(frame).slice(0, 200)}`).join("\n");
  }
}

export interface HandshakeFields {
  version?: string;
  hostname?: string;
  ip?: string;
  name?: string;
  location?: string;
  features?: Record<string, unknown>;
}

/** The opening frame of the Python client. */
export function handshake(orchestratorId: string, fields: HandshakeFields = {}): Frame {
  return {
    type: "handshake",
    service: "orchestrator",
    data: {
      orchestrator_id: orchestratorId,
      metadata: {
        version: fields.version ?? "1.0.0",
        hostname: fields.hostname ?? "acme-01",
        ip: fields.ip ?? "127.0.0.1",
        ssl_enabled: false,
        name: fields.name ?? "Acme Organisation",
        location: fields.location ?? "localhost",
        features: fields.features ?? { cache: { enabled: true } },
      },
    },
    timestamp: pythonNow(),
  };
}

export function beat(): Frame {
  return { type: "i_am_alive", timestamp: pythonNow() };
}

/** `datetime.now(timezone.utc).isoformat()`. */
export function pythonNow(): string {
  return new Date().toISOString().replace("Z", "000+00:00");
}

/** Opens a session: handshake, ack, provisioning. */
export async function openSession(
  url: string,
  orchestratorId: string,
  fields: HandshakeFields = {},
): Promise<RawClient> {
  const client = await RawClient.open(url);
  client.send(handshake(orchestratorId, fields));
  const ack = await client.next();
  if (ack.type !== "handshake_ack") throw new Error(`the first frame was not the ack: ${JSON.stringify(ack)}`);
  await client.next("provisioning");
  return client;
}
