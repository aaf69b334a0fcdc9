import { openingIdOf } from "../contract/frames.ts";
import { answerableCloseCode, errorFrame, type FrameError, parseFrame } from "../contract/parse-frame.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { HANDSHAKE_TIMEOUT_MS, MAX_STRIKES } from "../contract/values/limits.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { errorFields, writeLog } from "../platform/console.ts";

/**
 * Development only: accepts a socket without an id, waits for the frame that names it, then opens the socket of that
 * orchestrator's object and pipes both ways. Order and close codes are kept.
 */
export function openLobby(env: Env, address: string | null): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.binaryType = "arraybuffer";
  server.accept();
  new Lobby(env, server, address).wait();
  return new Response(null, { status: 101, webSocket: client });
}

class Lobby {
  readonly #env: Env;
  readonly #client: WebSocket;
  readonly #address: string | null;
  /** Frames that arrived while the object's socket was being opened; null before the opening frame. */
  #waiting: (string | ArrayBuffer)[] | null = null;
  #upstream: WebSocket | null = null;
  #strikes = 0;
  #over = false;

  constructor(env: Env, client: WebSocket, address: string | null) {
    this.#env = env;
    this.#client = client;
    this.#address = address;
  }

  wait(): void {
    const timer = setTimeout(() => {
      if (this.#waiting !== null) return;
      const message = "No handshake came within 10 seconds.";
      this.#refuse({ code: "handshake_timeout", message, ref: null, strike: true, close: CLOSE.handshakeTimeout });
    }, HANDSHAKE_TIMEOUT_MS);
    this.#client.addEventListener("message", (event) => {
      void this.#receive(event.data as string | ArrayBuffer);
    });
    this.#client.addEventListener("close", (event) => {
      clearTimeout(timer);
      this.#over = true;
      close(this.#client, event.code, event.reason);
      if (this.#upstream) close(this.#upstream, event.code, event.reason);
    });
  }

  async #receive(raw: string | ArrayBuffer): Promise<void> {
    if (this.#over) return;
    if (this.#upstream) return this.#upstream.send(raw);
    if (this.#waiting) {
      this.#waiting.push(raw);
      return;
    }
    const parsed = parseFrame(raw);
    if (!parsed.ok && parsed.error.code !== "unknown_type") return this.#refuse(parsed.error);
    const id = parsed.ok ? openingIdOf(parsed.frame) : null;
    if (parsed.ok && id === null && (parsed.frame.type === "handshake" || parsed.frame.type === "register")) {
      const message = "The handshake names no orchestrator, and neither does the address.";
      return this.#refuse({ code: "invalid_frame", message, ref: parsed.frame.type, strike: true, close: null });
    }
    if (id === null) {
      const ref = parsed.ok ? parsed.frame.type : parsed.error.ref;
      const message = "The first frame must be a handshake or register.";
      return this.#refuse({ code: "handshake_required", message, ref, strike: true, close: null });
    }
    this.#waiting = [raw];
    await this.#pipe(id);
  }

  async #pipe(orchestratorId: string): Promise<void> {
    try {
      const headers = { Upgrade: "websocket", ...(this.#address !== null && { "CF-Connecting-IP": this.#address }) };
      const request = new Request("https://orchestrator/ws", { headers });
      const upstream = (await orchestratorOf(this.#env, orchestratorId).fetch(request)).webSocket;
      if (!upstream) throw new Error("the object did not upgrade");
      upstream.accept();
      upstream.addEventListener("message", (event) => {
        // Answers in flight when the client closes are lost.
        if (!this.#over) this.#client.send(event.data as string);
      });
      upstream.addEventListener("close", (event) => {
        this.#over = true;
        close(upstream, event.code, event.reason);
        close(this.#client, event.code, event.reason);
      });
      for (const raw of this.#waiting ?? []) upstream.send(raw);
      this.#upstream = upstream;
      if (this.#over) close(upstream, CLOSE.normal, "");
    } catch (error) {
      writeLog(this.#env, "ERROR", `The socket of ${orchestratorId} could not be opened`, errorFields(error));
      this.#over = true;
      close(this.#client, CLOSE.overloaded, "overloaded");
    }
  }

  /** Every other frame before the handshake counts as a strike; the sixth closes the socket. */
  #refuse(error: FrameError): void {
    this.#strikes += 1;
    const code = error.close ?? (this.#strikes > MAX_STRIKES ? CLOSE.badFrames : null);
    this.#client.send(JSON.stringify(errorFrame(error, code !== null, Date.now())));
    if (code === null) return;
    this.#over = true;
    close(this.#client, code, error.code);
  }
}

function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(answerableCloseCode(code), reason);
  } catch {
    // Already closed by either side.
  }
}
