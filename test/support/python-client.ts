import { WebSocket } from "ws";
import { type Frame, frameText, type LoggedFrame, parseFrame, pythonNow } from "./raw-client.ts";

export interface PythonClientOptions {
  url: string;
  orchestratorId: string;
  /** WEBSOCKET_KEEPALIVE_INTERVAL; the real default is 10 s. */
  intervalMs?: number;
  /** 1 is real time; 0.1 makes the reconnect pause, the back-off and the linger of a stop ten times shorter. */
  timeScale?: number;
  hostname?: string;
  ip?: string;
  name?: string;
  location?: string;
  features?: Record<string, unknown>;
}

interface Session {
  socket: WebSocket;
  established: boolean;
  timers: NodeJS.Timeout[];
}

const ACK_TIMEOUT_MS = 10_000;
const RECONNECT_MS = 3_000;
const LINGER_MS = 10_000;
const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * Behaves like the unmodified Python orchestrator client: no credential, no id in its heartbeats, the frame after
 * its handshake must be the ack, `provisioning` renames it, and no close code ever makes it stop.
 */
export class PythonClient {
  readonly frames: LoggedFrame[] = [];
  /** What ended each session: the close code, or 1006 for an abrupt end. */
  readonly closeCodes: number[] = [];
  id: string;
  name: string;
  location: string;
  features: Record<string, unknown>;
  sessionConfig: unknown = null;
  metadata: Record<string, unknown> = {};
  lastSeenAt: number | null = null;
  sessions = 0;
  attempts = 0;
  beatsSent = 0;
  readonly #options: PythonClientOptions;
  readonly #intervalMs: number;
  readonly #pongTimeoutMs: number;
  readonly #scale: number;
  #session: Session | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #isStopped = true;

  constructor(options: PythonClientOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 10_000;
    // One interval, as the client has it, or more: a busy machine must not become a lost pong.
    this.#pongTimeoutMs = Math.max(this.#intervalMs, 30_000);
    this.#scale = options.timeScale ?? 1;
    this.id = options.orchestratorId;
    this.name = options.name ?? "Default Orchestrator";
    this.location = options.location ?? "localhost";
    this.features = options.features ?? { cache: { enabled: true } };
  }

  get isEstablished(): boolean {
    return this.#session?.established === true && this.#session.socket.readyState === WebSocket.OPEN;
  }

  start(): this {
    if (!this.#isStopped) return this;
    this.#isStopped = false;
    this.#connect();
    return this;
  }

  /** SIGTERM: no close frame; the socket lingers, silent but open, before it ends. */
  stop(): void {
    this.#halt((socket) => {
      const linger = setTimeout(() => socket.terminate(), LINGER_MS * this.#scale);
      linger.unref();
    });
  }

  /** kill -9: the socket is gone at once. */
  kill(): void {
    this.#halt((socket) => socket.terminate());
  }

  received(type: string): Frame[] {
    return this.frames.flatMap(({ dir, frame }) =>
      dir === "in" && typeof frame === "object" && frame.type === type ? [frame] : [],
    );
  }

  /** The cable is cut, but the client lives and will come back. */
  dropConnection(): void {
    this.#session?.socket.terminate();
  }

  #halt(end: (socket: WebSocket) => void): void {
    this.#isStopped = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    const session = this.#session;
    this.#session = null;
    if (!session) return;
    for (const timer of session.timers) clearTimeout(timer);
    end(session.socket);
  }

  #connect(): void {
    this.attempts += 1;
    const socket = new WebSocket(this.#options.url, {
      perMessageDeflate: { threshold: 0 },
      headers: { "User-Agent": "Python/3.11 websockets/10.4" },
      followRedirects: true,
      handshakeTimeout: 10_000,
      maxPayload: MAX_FRAME_BYTES,
    });
    const session: Session = { socket, established: false, timers: [] };
    this.#session = session;
    let isFirst = true;
    socket.on("open", () => {
      this.#send(session, this.#handshake());
      session.timers.push(setTimeout(() => !session.established && socket.close(1000), ACK_TIMEOUT_MS));
    });
    socket.on("message", (data) => {
      const frame = parseFrame(frameText(data));
      this.frames.push({ at: Date.now(), dir: "in", frame });
      if (!isFirst) return this.#receive(frame);
      isFirst = false;
      if (typeof frame === "object" && frame.type === "handshake_ack") return this.#establish(session);
      socket.close(1000);
    });
    socket.on("error", () => {
      // "close" follows; the real client treats a refused upgrade and a lost socket alike.
    });
    socket.on("close", (code) => this.#ended(session, code));
  }

  #establish(session: Session): void {
    session.established = true;
    this.sessions += 1;
    this.lastSeenAt = Date.now();
    this.#beat(session);
    session.timers.push(setInterval(() => this.#beat(session), this.#intervalMs));
    let pongDue: NodeJS.Timeout | undefined;
    const ping = () => {
      // One at a time: the timer of a ping that the next one overtook would end a socket whose pongs all came.
      if (session.socket.readyState !== WebSocket.OPEN || pongDue !== undefined) return;
      session.socket.ping();
      pongDue = setTimeout(() => session.socket.close(1011, "keepalive ping timeout"), this.#pongTimeoutMs);
      session.timers.push(pongDue);
    };
    session.socket.on("pong", () => {
      clearTimeout(pongDue);
      pongDue = undefined;
    });
    session.timers.push(setInterval(ping, this.#intervalMs * 1.5));
  }

  #beat(session: Session): void {
    if (session.socket.readyState !== WebSocket.OPEN) return;
    this.beatsSent += 1;
    this.#send(session, { type: "i_am_alive", timestamp: pythonNow() });
  }

  #receive(frame: Frame | string): void {
    if (typeof frame === "string") return;
    if (frame.type === "handshake_ack" || frame.type === "keepalive_ack") this.lastSeenAt = Date.now();
    if (frame.type !== "provisioning" || typeof frame.data !== "object" || frame.data === null) return;
    const data = frame.data as Record<string, unknown>;
    if (isRecord(data.features)) {
      this.features = data.replace_features === true ? data.features : { ...this.features, ...data.features };
    }
    if (isRecord(data.metadata)) this.metadata = { ...this.metadata, ...data.metadata };
    if (data.session !== undefined) this.sessionConfig = data.session;
    if (typeof data.name === "string") this.name = data.name;
    if (typeof data.location === "string") this.location = data.location;
    if (typeof data.orchestrator_id === "string") this.id = data.orchestrator_id;
  }

  #ended(session: Session, code: number): void {
    for (const timer of session.timers) clearTimeout(timer);
    if (session.established) this.closeCodes.push(code);
    if (this.#session !== session || this.#isStopped) return;
    this.#session = null;
    this.#retry = setTimeout(() => this.#connect(), this.#pauseMs(session.established) * this.#scale);
  }

  /** 3 s after an established session, whatever the code; otherwise a back-off that never resets. */
  #pauseMs(wasEstablished: boolean): number {
    if (wasEstablished) return RECONNECT_MS;
    this.#failures += 1;
    return Math.min(2 ** Math.min(this.#failures, 3), 15) * 1000 + Math.random() * 800;
  }

  #send(session: Session, frame: Frame): void {
    this.frames.push({ at: Date.now(), dir: "out", frame });
    session.socket.send(JSON.stringify(frame));
  }

  #handshake(): Frame {
    const metadata = {
      version: "1.0.0",
      hostname: this.#options.hostname ?? "acme-01",
      ip: this.#options.ip ?? "127.0.0.1",
      ssl_enabled: false,
      name: this.name,
      location: this.location,
      features: this.features,
    };
    return {
      type: "handshake",
      service: "orchestrator",
      data: { orchestrator_id: this.id, metadata },
      timestamp: pythonNow(),
    };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
