import type { AuditContext } from "./actor.ts";
import type { Millis } from "./presence.ts";

/** How long the old token stays valid after an orchestrator fetched a new one. */
export const DEFAULT_OVERLAP_SEC = 86_400;

/** The headers in which the Worker passes a credential to the object. It removes such headers of the caller. */
export const KEY_ID_HEADER = "X-Moolai-Key-Id";
export const KEY_DIGEST_HEADER = "X-Moolai-Key-Digest";

/** An agent token as the Worker has read it. `digest`: SHA-256 of the whole token in hex. */
export interface PresentedCredential {
  keyId: string;
  digest: string;
}

/** An agent token as its object holds it, without the digest. */
export interface CredentialView {
  keyId: string;
  label: string | null;
  createdBy: string;
  createdAt: Millis;
  /** null: until it is revoked. */
  expiresAt: Millis | null;
  revokedAt: Millis | null;
  valid: boolean;
  /** Whether an open WebSocket uses it. */
  connected: boolean;
}

export interface IssueInput {
  credential: PresentedCredential;
  label: string | null;
  expiresAt: Millis | null;
  audit: AuditContext;
}

/** The request of an orchestrator for its next token. */
export interface ExchangeInput {
  /** The key id of the presented token. */
  presented: string;
  credential: PresentedCredential;
  /** undefined: that of the presented token. */
  label?: string;
  overlapMs: number;
  audit: AuditContext;
}
