import { later, type Millis, type Status } from "../contract/presence.ts";

export interface PresenceFacts {
  isIndependent: boolean;
  /** open: a socket is connected. lost: our own reset took it without a close event. none: closed, or never had one. */
  session: "open" | "lost" | "none";
  /** The last frame or REST heartbeat since the last close; null when there was none. */
  lastSignalAt: Millis | null;
  lostAt: Millis | null;
}

export interface Presence {
  status: Status;
  connected: boolean;
  /** When the signal that keeps it active runs out, or null when nothing runs. */
  expiresAt: Millis | null;
}

/** A socket without a frame for so many TTLs is closed: its other end is gone, or the network between is. */
const SILENT_TTLS = 2;

/**
 * What the silence of an open socket means. After one TTL nothing is claimed of it any more, though it may speak again;
 * at `closesAt` it is closed.
 */
export function silenceOf(
  { lastFrameAt, heardAt = lastFrameAt }: { lastFrameAt: Millis; heardAt?: Millis },
  now: Millis,
  ttlMs: number,
): { silent: boolean; closesAt: Millis } {
  const lastAt = Math.max(lastFrameAt, heardAt);
  return { silent: now - lastAt >= ttlMs, closesAt: lastAt + SILENT_TTLS * ttlMs };
}

/**
 * The only place that decides presence. A lost session counts as open until `lostAt` + TTL, so that
 * our own restart marks nobody inactive before one full TTL.
 */
export function presenceOf(facts: PresenceFacts, now: Millis, ttlMs: number): Presence {
  const lostAt = facts.session === "lost" ? facts.lostAt : null;
  const lastSign = later(facts.lastSignalAt, lostAt);
  const expiresAt = lastSign === null ? null : lastSign + ttlMs;
  const alive = expiresAt !== null && now < expiresAt;
  return {
    status: facts.isIndependent ? "independent" : alive ? "active" : "inactive",
    connected: facts.session === "open",
    expiresAt: alive ? expiresAt : null,
  };
}
