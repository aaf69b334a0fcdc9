import type { Millis } from "../contract/presence.ts";
import { FLOOD_WINDOW_MS, FRAME_RATE, MAX_FRAMES_OVER_RATE } from "../contract/values/limits.ts";
import { takeToken } from "../platform/token-bucket.ts";
import type { SocketState } from "./state.ts";

/**
 * Counts one frame. `wait` is null when it is within the rate; otherwise the milliseconds after which it may be sent again,
 * each of several at a moment of its own, or "never" when so many came that it is no client in a hurry any more.
 */
export function pace(socket: SocketState, now: Millis): { socket: SocketState; wait: number | "never" | null } {
  const bucket = takeToken(socket, FRAME_RATE, now);
  if (bucket.tokens >= 0) {
    const flood = socket.flood && { ...socket.flood, inARow: 0 };
    return { socket: { ...socket, ...bucket, ...(flood && { flood }) }, wait: null };
  }
  const isFresh = !socket.flood || now - socket.flood.sinceAt >= FLOOD_WINDOW_MS;
  const inARow = (socket.flood?.inARow ?? 0) + 1;
  const flood = isFresh
    ? { sinceAt: now, frames: 1, inARow }
    : { sinceAt: socket.flood?.sinceAt ?? now, frames: (socket.flood?.frames ?? 0) + 1, inARow };
  const wait = flood.frames > MAX_FRAMES_OVER_RATE ? "never" : Math.ceil((inARow * 1000) / FRAME_RATE.perSec);
  // What is refused takes nothing from what follows.
  return { socket: { ...socket, tokens: bucket.tokens + 1, tokensAt: now, flood }, wait };
}
