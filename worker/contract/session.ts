import type { AuditContext, Role, Scope } from "./actor.ts";
import type { JsonObject } from "./json.ts";
import type { Millis } from "./presence.ts";
import type { RefusalReason } from "./refusals.ts";
import type { LoginMethod, SsoRefusal } from "./sso.ts";
import type { ErrorCode } from "./values/codes.ts";

/** An admitted login. It counts as failed until `openSession` or `forgive` names it. */
export type LoginGate =
  | { ok: true; attemptId: number; admittedAt: Millis; delayMs: number }
  | { ok: false; retryAfterMs: number };

export interface LoginAttempt {
  username: string;
  address: string;
}

/** A lock of a name at an address; without a name, an address whose attempts have to wait. */
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
  /** From the gate: the access was read after this moment. Absent: at any moment. */
  admittedAt?: Millis;
  username: string;
  role: Role;
  organizations: string[] | null;
  /** Absent: a password. The access of single sign-on applies to all sessions of the person. */
  method?: LoginMethod;
  /** The ID token, with which a provider recognizes whom to log out. */
  idToken?: string | null;
}

export interface SessionView {
  username: string;
  role: Role;
  organizations: string[] | null;
  /** Absent in answers of an older object: a password. */
  method?: LoginMethod;
  /** Applies unless it is used again. */
  expiresAt: Millis;
}

/** The new access of a person. `access` null: none, and the sessions end. */
export interface AccessChange {
  username: string;
  access: { role: Role; organizations: string[] | null } | null;
  /** The digest of a session that stays. */
  except?: string;
}

/** An API token as Postgres holds it. */
export interface ApiToken {
  keyId: string;
  /** SHA-256 of the whole token, hex. */
  digest: string;
  name: string;
  scopes: Scope[];
  organizations: string[] | null;
  expiresAt: Millis | null;
  isRevoked: boolean;
  /** The maker as in `actorName`; null in older rows. */
  maker: string | null;
}

/** A valid API token. `tellUse`: its use should be stored in Postgres now. */
export type ApiTokenView = Pick<ApiToken, "name" | "scopes" | "organizations" | "expiresAt"> & {
  tellUse: boolean;
  /** Absent from older code. */
  maker?: string | null;
};

/** The viewer of a stream, as the Worker has authenticated it. */
export interface ViewerIdentity {
  kind: "user" | "agent" | "token";
  name: string;
  organizations: string[] | null;
  /** The digest of its session or API token. */
  session: string | null;
  /** The account that quotas count. */
  account?: string;
  /** When that ends. A session may have been used meanwhile, so it is looked up again then. */
  endsAt: Millis | null;
}

/** An event of access for the audit. */
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
  /** The tried name, the method and path of a refusal, or the orchestrator of a refused connection. */
  target: { type: "user" | "route" | "orchestrator"; id: string };
  /** Of an orchestrator that is known. */
  organizationId?: string | null;
  /** Why it was refused. */
  code: ErrorCode | RefusalReason | SsoRefusal | null;
  /** How many equal refusals it stands for; absent: one. */
  count?: number;
  /** Further facts about the event. */
  detail?: JsonObject;
  /** For an authenticated caller: its account, and an organization that it is bound to. */
  by?: { account: string; organization: string | null };
  context: AuditContext;
}
