import type { OutboundFrame } from "../contract/frames.ts";
import type { SocketState } from "./state.ts";

/** What the attachments hold, so that one is decoded once after each hibernation, which makes new sockets. */
const known = new WeakMap<WebSocket, Readonly<SocketState>>();

/** The state in a socket's attachment; null for a socket that was never given one. */
export function readSocket(ws: WebSocket): Readonly<SocketState> | null {
  const state = known.get(ws) ?? (ws.deserializeAttachment() as SocketState | null);
  if (state) known.set(ws, state);
  return state;
}

function writeSocket(ws: WebSocket, state: Readonly<SocketState>): void {
  ws.serializeAttachment(state);
  known.set(ws, state);
}

export function closeSocket(ws: WebSocket, code: number, reason: string): void {
  try {
    ws.close(code, reason);
  } catch {
    // Closed already, by either side.
  }
}

/** The sockets of one object, found by the id in their attachment. */
export class Sockets {
  readonly #ctx: DurableObjectState;
  /** The other ends of sockets that were just accepted, for the answer to their upgrade. */
  readonly #clients = new Map<string, WebSocket>();

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
  }

  all(): Readonly<SocketState>[] {
    return this.#ctx.getWebSockets().flatMap((ws) => readSocket(ws) ?? []);
  }

  accept(state: Readonly<SocketState>): void {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    writeSocket(server, state);
    this.#clients.set(state.id, client);
  }

  takeClient(id: string): WebSocket | null {
    const client = this.#clients.get(id) ?? null;
    this.#clients.delete(id);
    return client;
  }

  write(state: Readonly<SocketState>): void {
    const ws = this.#find(state.id);
    if (ws) writeSocket(ws, state);
  }

  /** Sends unless the peer is gone already, which its close event will say. */
  send(id: string, frame: OutboundFrame): void {
    try {
      this.#find(id)?.send(JSON.stringify(frame));
    } catch {
      // The frame was sent to nobody; what must arrive is kept until a later frame confirms it.
    }
  }

  close(id: string, code: number, reason: string): void {
    const ws = this.#find(id);
    if (ws) closeSocket(ws, code, reason);
  }

  #find(id: string): WebSocket | undefined {
    return this.#ctx.getWebSockets().find((ws) => readSocket(ws)?.id === id);
  }
}
