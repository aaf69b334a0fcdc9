import type { CredentialView, PresentedCredential } from "../contract/credentials.ts";
import type { Millis } from "../contract/presence.ts";
import { MAX_VALID_CREDENTIALS } from "../contract/values/limits.ts";
import { digestsEqual } from "../platform/tokens.ts";

/** An agent token as the object stores it. */
export interface Credential extends Omit<CredentialView, "valid" | "connected"> {
  /** SHA-256 of the token, in hex. */
  digest: string;
  /** For how long it was made, which its successor inherits; null: without an end. */
  lifetimeMs: number | null;
  firstUsedAt: Millis | null;
}

/** The credentials that a change made or touched, to be stored; or why there is none. */
export type Change = { ok: true; changed: Credential[] } | { ok: false; reason: "unknown" | "full" };

export function isValid(credential: Credential, now: Millis): boolean {
  return credential.revokedAt === null && (credential.expiresAt === null || now < credential.expiresAt);
}

/** The valid credential that was presented, or null. */
export function findPresented(known: Credential[], presented: PresentedCredential, now: Millis): Credential | null {
  const candidate = known.find(({ keyId }) => keyId === presented.keyId);
  return candidate && isValid(candidate, now) && digestsEqual(candidate.digest, presented.digest) ? candidate : null;
}

export function newCredential(
  { keyId, digest }: PresentedCredential,
  { label, createdBy, lifetimeMs }: Pick<Credential, "label" | "createdBy" | "lifetimeMs">,
  now: Millis,
): Credential {
  const expiresAt = lifetimeMs === null ? null : now + lifetimeMs;
  const fresh = { createdAt: now, expiresAt, revokedAt: null, firstUsedAt: null };
  return { keyId, digest, label, createdBy, lifetimeMs, ...fresh };
}

export function issue(known: Credential[], fresh: Credential, now: Millis): Change {
  const valid = known.filter((credential) => isValid(credential, now));
  return valid.length < MAX_VALID_CREDENTIALS ? { ok: true, changed: [fresh] } : { ok: false, reason: "full" };
}

/**
 * The successor of the presented one, which stays valid for the overlap. A successor that was never used is replaced:
 * the answer that carried it may have been lost. One that was used stands, whoever holds the older one.
 */
export function exchange(
  known: Credential[],
  request: {
    presented: string;
    credential: PresentedCredential;
    label: string | undefined;
    createdBy: string;
    overlapMs: number;
  },
  now: Millis,
): Change {
  const valid = known.filter((credential) => isValid(credential, now));
  const old = valid.find(({ keyId }) => keyId === request.presented);
  if (!old) return { ok: false, reason: "unknown" };
  const others = valid.filter((credential) => credential !== old);
  const unused = others.filter(({ firstUsedAt, createdBy }) => firstUsedAt === null && createdBy === request.createdBy);
  if (others.length - unused.length >= MAX_VALID_CREDENTIALS - 1) return { ok: false, reason: "full" };
  const { createdBy } = request;
  const label = request.label ?? old.label;
  const fresh = newCredential(request.credential, { label, createdBy, lifetimeMs: old.lifetimeMs }, now);
  const end = now + request.overlapMs;
  const ending = { ...old, expiresAt: old.expiresAt === null ? end : Math.min(old.expiresAt, end) };
  return { ok: true, changed: [...unused.map((each) => ({ ...each, revokedAt: now })), ending, fresh] };
}
