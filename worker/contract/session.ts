import type { Role, Scope } from "./actor.ts";
import type { JsonObject } from "./json.ts";
import type { AuditContext } from "./orchestrator.ts";
import type { Millis } from "./presence.ts";
import type { RefusalReason } from "./refusals.ts";
import type { LoginMethod, SsoRefusal } from "./sso.ts";
import type { ErrorCode } from "./values/codes.ts";

/** A login that may go ahead. It counts as failed until `openSession` or `forgive` names it. */
export type LoginGate =
  | { ok: true; attemptId: number; admittedAt: Millis; delayMs: number }
  | { ok: false; retryAfterMs: number };

export interface LoginAttempt {
  username: string;
  address: string;
}

/** Who cannot log in from an address until then; without a name, an address whose attempts have to wait for their turns. */
export interface LoginThrottle {
  username: string | null;
  address: string;
  failures: number;
  until: Millis;
}

export interface NewSession {
  /** SHA-256 of the token, hex: the token itself never reaches the Durable Object. */
  digest: string;
  attemptId: number;
  /** From the gate: what the person may do was read after this moment. Absent: any moment. */
  admittedAt?: Millis;
  username: string;
  role: Role;
  organizations: string[] | null;
  /** Absent: a password. What single sign-on gives counts for all sessions of the person from now on. */
  method?: LoginMethod;
  /** With which a provider of single sign-on recognizes whom to log out. */
  idToken?: string | null;
}

export interface SessionView {
  username: string;
  role: Role;
  organizations: string[] | null;
  /** Absent in answers of an older object: a password. */
  method?: LoginMethod;
  /** Unless it is used again. */
  expiresAt: Millis;
}

/** What a person may do from now on. `access` null: nothing, the sessions end. */
export interface AccessChange {
  username: string;
  access: { role: Role; organizations: string[] | null } | null;
  /** The digest of a session that stays. */
  except?: string;
}

/** An API token as Postgres knows it. */
export interface ApiToken {
  keyId: string;
  /** SHA-256 of the whole token, hex. */
  digest: string;
  name: string;
  scopes: Scope[];
  organizations: string[] | null;
  expiresAt: Millis | null;
  isRevoked: boolean;
  /** Who made it, as `actorName` tells; null in rows of the code before. */
  maker: string | null;
}

/** A valid API token. `tellUse`: it is time to note in Postgres that it is used. */
export type ApiTokenView = Pick<ApiToken, "name" | "scopes" | "organizations" | "expiresAt"> & {
  tellUse: boolean;
  /** Absent from older code. */
  maker?: string | null;
};

/** Who follows the stream, as the Worker has found out. */
export interface ViewerIdentity {
  kind: "user" | "agent" | "token";
  name: string;
  organizations: string[] | null;
  /** The digest of the session or API token that it came with. */
  session: string | null;
  /** In whose name it looks, which is what quotas count; absent from older code: its own. */
  account?: string;
  /** When that ends; a session may have been used meanwhile, so that it is asked for again then. */
  endsAt: Millis | null;
}

/** Something about access that belongs into the audit. */
export interface AccessEvent {
  action:
    | "access.denied"
    | "auth.link_failed"
    | "auth.login"
    | "auth.login_failed"
    | "auth.login_throttled"
    | "auth.throttle_lifted"
    | "auth.logout"
    | "auth.end_sessions"
    | "auth.password_failed";
  /** A name that was tried, method and path of what was refused, or an orchestrator whose connection was. */
  target: { type: "user" | "route" | "orchestrator"; id: string };
  /** Of an orchestrator that is known. */
  organizationId?: string | null;
  /** Why it was refused. */
  code: ErrorCode | RefusalReason | SsoRefusal | null;
  /** How many equal refusals this stands for; absent: one. */
  count?: number;
  /** What else is worth keeping of something that was done. */
  detail?: JsonObject;
  /** Of who is logged in: the account, and an organization that it is bound to. Absent from older code. */
  by?: { account: string; organization: string | null };
  context: AuditContext;
}
