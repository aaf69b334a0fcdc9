import type { OutboundFrame } from "../contract/frames.ts";
import type { SocketState } from "./state.ts";

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).byteLength;
}

/** What the attachments hold, so that one is decoded once after each hibernation, which makes new sockets. */
const known = new WeakMap<WebSocket, Readonly<SocketState>>();

/** The state in a socket's attachment; null for a socket that was never given one. */
export function readSocket(ws: WebSocket): Readonly<SocketState> | null {
  const state = known.get(ws) ?? (ws.deserializeAttachment() as SocketState | null);
  if (state) known.set(ws, state);
  return state;
}

export function writeSocket(ws: WebSocket, state: Readonly<SocketState>): void {
  ws.serializeAttachment(state);
  known.set(ws, state);
}

/** Answers a frame. What nobody asked for is sent by `Core.push`, which bounds it. */
export function sendFrame(ws: WebSocket, frame: OutboundFrame): number {
  const text = JSON.stringify(frame);
  return sendText(ws, text) ? byteLength(text) : 0;
}

/** Sends unless the peer is gone already, which its close event will tell. */
export function sendText(ws: WebSocket, text: string): boolean {
  try {
    ws.send(text);
    return true;
  } catch {
    return false;
  }
}

export function closeSocket(ws: WebSocket, code: number, reason: string): void {
  try {
    ws.close(code, reason);
  } catch {
    // Closed already, by either side.
  }
}

export interface OpenSocket {
  ws: WebSocket;
  state: Readonly<SocketState>;
}

/** The socket of the session with this id, if it is among the object's sockets. */
export function findSocket(sockets: WebSocket[], sessionId: string): OpenSocket | null {
  for (const ws of sockets) {
    const state = readSocket(ws);
    if (state?.id === sessionId && state.phase === "open") return { ws, state };
  }
  return null;
}
