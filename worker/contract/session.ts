import type { Role } from "./actor.ts";
import type { ErrorCode } from "./errors.ts";
import type { AuditContext } from "./orchestrator.ts";
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
  /** Unless it is used again. */
  expiresAt: Millis;
  /** However much it is used. */
  endsAt: Millis;
}

/** Who follows the stream, as the Worker has found out. */
export interface ViewerIdentity {
  kind: "user" | "agent" | "token";
  name: string;
  organizations: string[] | null;
  /** The digest of the session that it came with. */
  session: string | null;
  /** When that session ends whatever happens. */
  endsAt: Millis | null;
}

/** Something about access that belongs into the audit. */
export interface AccessEvent {
  action: "access.denied" | "auth.login" | "auth.login_failed" | "auth.login_throttled" | "auth.logout";
  /** A name that was tried, or method and path of what was refused. */
  target: { type: "user" | "route"; id: string };
  /** Why it was refused. */
  code: ErrorCode | null;
  context: AuditContext;
}
