import type { CredentialView, PresentedCredential } from "../contract/credentials.ts";
import type { AuditContext, CommandResult, RegisterInput } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { MAX_VALID_CREDENTIALS } from "../contract/values/limits.ts";
import type { AuditEntry } from "../db/audit-write.ts";
import { digestsEqual } from "../platform/tokens.ts";
import type { Draft } from "./draft.ts";
import type { Intent } from "./intents.ts";
import { type Credential, iso, type SocketState } from "./state.ts";
import { ACCEPTED, type Answer, afterDelivery, type InputOf, now } from "./turn.ts";

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
 * the answer that carried it may have been lost. One that was used stays, no matter who holds the older one.
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

const FULL = {
  ok: false,
  code: "already_exists",
  message: "Two tokens of this orchestrator are valid already. Revoke one of them first.",
} as const;
const OCCUPIED = {
  ok: false,
  code: "already_exists",
  message:
    "This orchestrator has a valid token already. Revoke it first, or join with a token of this one orchestrator.",
} as const;
const UNKNOWN = { ok: false, code: "not_found", message: "This orchestrator has no such token." } as const;

/** The presented credential, if it is valid; its first use is noted. */
export function authenticate(draft: Draft, presented: PresentedCredential): Credential | null {
  if (!draft.registered) return null;
  const found = findPresented(draft.credentials, presented, draft.now);
  if (found && found.firstUsedAt === null) draft.saveCredentials([{ ...found, firstUsedAt: draft.now }]);
  return found;
}

export function validKeys(known: Credential[], now: Millis): string[] {
  return known.filter((credential) => isValid(credential, now)).map(({ keyId }) => keyId);
}

/** Why a registered orchestrator gets no token by joining, or null. */
export function refuseJoin(draft: Draft, join: RegisterInput["join"]) {
  if (join === undefined || draft.record?.owesCredential) return null;
  const valid = validKeys(draft.credentials, draft.now);
  if (join === "vacant" && valid.length > 0) return OCCUPIED;
  return valid.length < MAX_VALID_CREDENTIALS ? null : FULL;
}

/**
 * Stores a change and queues it for Postgres. It counts from here on, and a new token is shown this once: the caller gets it
 * whether Postgres can list it yet or not.
 */
function change(
  draft: Draft,
  made: Change,
  action: string,
  audit: AuditContext,
): Answer<CommandResult<CredentialView>> {
  const last = made.ok ? made.changed.at(-1) : undefined;
  if (!made.ok || !last) return now(!made.ok && made.reason === "full" ? FULL : UNKNOWN);
  draft.saveCredentials(made.changed);
  const { keyId, label, expiresAt } = last;
  const told = { key_id: keyId, label, expires_at: expiresAt === null ? null : iso(expiresAt) };
  const changed = action === "credential.revoke" ? { before: told, after: null } : { before: null, after: told };
  draft.queue(tokensIntent(made.changed, [draft.audit(action, audit, changed)]));
  endSocketsWithout(draft);
  const value = { ok: true, value: credentialView(last, keysInUse(draft.sockets), draft.now) } as const;
  return { is: "delivery", stored: value, accepted: value };
}

export function issueCredential(
  draft: Draft,
  input: InputOf<"issue_credential">,
): Answer<CommandResult<CredentialView>> {
  if (!draft.registered) return now(draft.unknown);
  const { credential, label, expiresAt, audit } = input;
  const lifetimeMs = expiresAt === null ? null : expiresAt - draft.now;
  const fresh = newCredential(credential, { label, createdBy: audit.actor, lifetimeMs }, draft.now);
  return change(draft, issue(draft.credentials, fresh, draft.now), "credential.create", audit);
}

export function exchangeCredential(
  draft: Draft,
  { presented, credential, label, overlapMs, audit }: InputOf<"exchange_credential">,
): Answer<CommandResult<CredentialView>> {
  if (!draft.registered) return now(draft.unknown);
  const request = { presented, credential, label, overlapMs, createdBy: audit.actor };
  return change(draft, exchange(draft.credentials, request, draft.now), "credential.exchange", audit);
}

export function revokeCredential(
  draft: Draft,
  { keyId, audit }: InputOf<"revoke_credential">,
): Answer<CommandResult<CredentialView>> {
  if (!draft.registered) return now(draft.unknown);
  const known = draft.credentials.find((credential) => credential.keyId === keyId);
  if (!known) return now(UNKNOWN);
  // Revoked while Postgres was away: this call may be the retry.
  if (known.revokedAt !== null) return afterDelivery({ ok: true, value: credentialView(known, new Set(), draft.now) });
  const answer = change(draft, { ok: true, changed: [{ ...known, revokedAt: draft.now }] }, "credential.revoke", audit);
  return answer.is === "delivery" ? { ...answer, accepted: ACCEPTED } : answer;
}

/** Makes the credential valid that came with a registration. */
export function giveCredential(draft: Draft, credential: PresentedCredential, audit: AuditContext): void {
  if (draft.record?.owesCredential) draft.save({ ...draft.record, owesCredential: false });
  const fresh = newCredential(credential, { label: null, createdBy: audit.actor, lifetimeMs: null }, draft.now);
  change(draft, { ok: true, changed: [fresh] }, "credential.create", audit);
}

/** Postgres deleted its list of the tokens together with the orchestrator; the valid ones count again. */
export function readmitIntent(draft: Draft, audit: AuditContext): Intent {
  const after = { key_ids: validKeys(draft.credentials, draft.now) };
  return tokensIntent(draft.credentials, [draft.audit("credential.readmit", audit, { before: null, after })]);
}

/** What Postgres lists of these tokens. */
export function tokensIntent(credentials: Credential[], audit: AuditEntry[]): Intent {
  const tokens = credentials.map(({ digest: _, lifetimeMs: __, firstUsedAt: ___, ...entry }) => entry);
  return { kind: "credential", tokens, audit };
}

/** Closes the sockets whose credential is over. */
export function endSocketsWithout(draft: Draft): void {
  if (keysInUse(draft.sockets).size === 0) return;
  const valid = new Set(validKeys(draft.credentials, draft.now));
  for (const socket of draft.sockets) {
    if (socket.keyId === undefined || socket.phase === "closed" || valid.has(socket.keyId)) continue;
    const message = "The token of this connection is not valid any more.";
    draft.dismiss(socket, CLOSE.credentialEnded, "credential_ended", message);
    if (draft.record?.session?.id !== socket.id) continue;
    draft.finish(socket, "credential ended");
    draft.report("disconnected");
  }
}

/** When the next credential expires with which a socket came, or null. */
export function nextExpiry(sockets: readonly Readonly<SocketState>[], known: () => Credential[]): Millis | null {
  const inUse = keysInUse(sockets);
  if (inUse.size === 0) return null;
  const ends = known().flatMap(({ keyId, expiresAt, revokedAt }) => {
    return inUse.has(keyId) && revokedAt === null && expiresAt !== null ? [expiresAt] : [];
  });
  return ends.length === 0 ? null : Math.min(...ends);
}

export function keysInUse(sockets: readonly Readonly<SocketState>[]): Set<string> {
  return new Set(sockets.flatMap(({ keyId, phase }) => (keyId !== undefined && phase !== "closed" ? [keyId] : [])));
}

export function credentialView(credential: Credential, inUse: Set<string>, now: Millis): CredentialView {
  const { digest: _, lifetimeMs: __, firstUsedAt: ___, ...entry } = credential;
  return { ...entry, valid: isValid(credential, now), connected: inUse.has(credential.keyId) };
}
