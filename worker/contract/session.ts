import type { Role } from "./actor.ts";
import type { Millis } from "./presence.ts";

/** A login that may go ahead. It counts as failed until `openSession` names it. */
export type LoginGate = { ok: true; attemptId: number; delayMs: number } | { ok: false; retryAfterMs: number };

export interface LoginAttempt {
  username: string;
  address: string;
}

export interface NewSession {
  /** SHA-256 of the token, hex: the token itself never reaches the Durable Object. */
  digest: string;
  attemptId: number;
  username: string;
  role: Role;
  organizations: string[] | null;
}

export interface SessionView {
  username: string;
  role: Role;
  organizations: string[] | null;
  expiresAt: Millis;
}
