import type { CredentialView, ExchangeInput, IssueInput, PresentedCredential } from "../contract/credentials.ts";
import type { AuditContext, CommandResult, RegisterInput } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { CLOSE } from "../contract/values/codes.ts";
import { MAX_VALID_CREDENTIALS } from "../contract/values/limits.ts";
import type { AuditEntry } from "../db/audit-write.ts";
import { adopt } from "./adopt.ts";
import { ACCEPTED, UNAVAILABLE, UNREGISTERED } from "./answers.ts";
import { auditOf } from "./audit.ts";
import type { Core } from "./core.ts";
import { type Change, type Credential, exchange, findPresented, issue, isValid, newCredential } from "./credentials.ts";
import type { Intent } from "./intents.ts";
import { readSocket } from "./sockets.ts";
import type { OrchestratorRecord } from "./state.ts";

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

/** The presented credential, if it is valid; its first use is remembered. */
export function authenticate(core: Core, presented: PresentedCredential): Credential | null {
  if (!core.registered()) return null;
  const now = Date.now();
  const found = findPresented(core.credentials.all(), presented, now);
  if (found && found.firstUsedAt === null) core.credentials.save([{ ...found, firstUsedAt: now }], now);
  return found;
}

/** Whether this was a token of the orchestrator, which is deregistered now. */
export function wasValid(core: Core, presented: PresentedCredential): boolean {
  return findPresented(core.credentials.all(), presented, Date.now()) !== null;
}

/** Whether it has a token that counts while it is registered. */
export function hasValidCredential(core: Core, now: Millis): boolean {
  return validKeys(core.credentials.all(), now).length > 0;
}

export function viewCredentials(core: Core): CredentialView[] {
  const now = Date.now();
  const inUse = keysInUse(core);
  return core.credentials.all().map((credential) => viewOf(credential, inUse, now));
}

export async function issueCredential(core: Core, input: IssueInput): Promise<CommandResult<CredentialView>> {
  if (!(await adopt(core))) return UNAVAILABLE;
  if (!core.registered()) return UNREGISTERED;
  const now = Date.now();
  const { credential, label, expiresAt, audit } = input;
  const lifetimeMs = expiresAt === null ? null : expiresAt - now;
  const fresh = newCredential(credential, { label, createdBy: audit.actor, lifetimeMs }, now);
  // Valid from here on, and shown this once: the caller gets it whether Postgres can list it yet or not.
  return (await apply(core, issue(core.credentials.all(), fresh, now), "credential.create", audit, now)).result;
}

export async function exchangeCredential(core: Core, input: ExchangeInput): Promise<CommandResult<CredentialView>> {
  if (!core.registered()) return UNREGISTERED;
  const now = Date.now();
  const { presented, credential, label, overlapMs, audit } = input;
  const request = { presented, credential, label, overlapMs, createdBy: audit.actor };
  const change = exchange(core.credentials.all(), request, now);
  return (await apply(core, change, "credential.exchange", audit, now)).result;
}

export async function revokeCredential(
  core: Core,
  keyId: string,
  audit: AuditContext,
): Promise<CommandResult<CredentialView>> {
  if (!(await adopt(core))) return UNAVAILABLE;
  if (!core.registered()) return UNREGISTERED;
  const now = Date.now();
  const known = core.credentials.all().find((credential) => credential.keyId === keyId);
  if (!known) return UNKNOWN;
  if (known.revokedAt === null) {
    const change: Change = { ok: true, changed: [{ ...known, revokedAt: now }] };
    const { result, stored } = await apply(core, change, "credential.revoke", audit, now);
    return stored ? result : ACCEPTED;
  }
  // Revoked while Postgres was away: the caller may be the one who retries it.
  if (core.outbox.dueAt !== null && !(await core.outbox.drain())) return ACCEPTED;
  return { ok: true, value: viewOf(known, new Set(), now) };
}

/** Why an orchestrator that is registered gets no token by joining, or null. */
export function refuseJoin(core: Core, join: RegisterInput["join"], now: Millis) {
  if (join === undefined || core.record?.owesCredential) return null;
  const valid = core.credentials.all().filter((credential) => isValid(credential, now));
  if (join === "vacant" && valid.length > 0) return OCCUPIED;
  return valid.length < MAX_VALID_CREDENTIALS ? null : FULL;
}

/** Makes the credential valid that came with a registration. */
export async function giveCredential(core: Core, credential: PresentedCredential, audit: AuditContext): Promise<void> {
  const now = Date.now();
  if (core.record?.owesCredential) core.save({ ...core.record, owesCredential: false });
  const fresh = newCredential(credential, { label: null, createdBy: audit.actor, lifetimeMs: null }, now);
  await apply(core, { ok: true, changed: [fresh] }, "credential.create", audit, now);
}

/** The change of Postgres' copy and its audit, of what the object has stored. */
function credentialIntent(core: Core, changed: Credential[], action: string, audit: AuditContext, now: Millis): Intent {
  const last = changed.at(-1);
  if (!core.record || !last) throw new Error("no credential was changed");
  const { keyId, label, expiresAt } = last;
  const told = {
    key_id: keyId,
    label,
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  };
  const change = action === "credential.revoke" ? { before: told, after: null } : { before: null, after: told };
  return tokensIntent(changed, [auditOf(core.record, action, audit, now, change)]);
}

/** Postgres deleted its list of the tokens together with the orchestrator; those that are valid count again. */
export function readmitIntent(core: Core, record: OrchestratorRecord, audit: AuditContext, now: Millis): Intent {
  const known = core.credentials.all();
  const change = { before: null, after: { key_ids: validKeys(known, now) } };
  return tokensIntent(known, [auditOf(record, "credential.readmit", audit, now, change)]);
}

/** Postgres has lost its list of the tokens; null: there are none. */
export function reassertTokensIntent(core: Core): Intent | null {
  const known = core.credentials.all();
  return known.length === 0 ? null : tokensIntent(known, []);
}

function tokensIntent(credentials: Credential[], audit: AuditEntry[]): Intent {
  const tokens = credentials.map(({ digest: _, lifetimeMs: __, firstUsedAt: ___, ...entry }) => entry);
  return { kind: "credential", tokens, audit };
}

/** Closes the sockets whose credential is over. True: one of them was that of the session. */
export function endSocketsWithout(core: Core, now: Millis): boolean {
  const valid = new Set(validKeys(core.credentials.all(), now));
  let ended = false;
  for (const ws of core.ctx.getWebSockets()) {
    const state = readSocket(ws);
    if (state?.keyId === undefined || state.phase === "closed" || valid.has(state.keyId)) continue;
    core.dismiss(ws, CLOSE.credentialEnded, "credential_ended", "The token of this connection is not valid any more.");
    if (core.record?.session?.id !== state.id) continue;
    core.finishSession(state, "credential ended", now);
    ended = true;
  }
  return ended;
}

/** When the next credential that a socket came with expires, or null. */
export function nextExpiry(core: Core): Millis | null {
  const inUse = keysInUse(core);
  if (inUse.size === 0) return null;
  const ends = core.credentials.all().flatMap(({ keyId, expiresAt, revokedAt }) => {
    return inUse.has(keyId) && revokedAt === null && expiresAt !== null ? [expiresAt] : [];
  });
  return ends.length === 0 ? null : Math.min(...ends);
}

interface Applied {
  result: CommandResult<CredentialView>;
  stored: boolean;
}

async function apply(core: Core, change: Change, action: string, audit: AuditContext, now: Millis): Promise<Applied> {
  const last = change.ok ? change.changed.at(-1) : undefined;
  if (!change.ok || !last) {
    return { result: !change.ok && change.reason === "full" ? FULL : UNKNOWN, stored: true };
  }
  core.credentials.save(change.changed, now);
  const id = core.outbox.enqueue(credentialIntent(core, change.changed, action, audit, now), now);
  const ended = endSocketsWithout(core, now);
  const value = viewOf(last, keysInUse(core), now);
  if (ended) await core.report("disconnected");
  const stored = await core.commit(id);
  await core.schedule();
  return { result: { ok: true, value }, stored };
}

function validKeys(known: Credential[], now: Millis): string[] {
  return known.filter((credential) => isValid(credential, now)).map(({ keyId }) => keyId);
}

function keysInUse(core: Core): Set<string> {
  const keys = core.ctx.getWebSockets().flatMap((ws) => {
    const state = readSocket(ws);
    return state?.keyId !== undefined && state.phase !== "closed" ? [state.keyId] : [];
  });
  return new Set(keys);
}

function viewOf(credential: Credential, inUse: Set<string>, now: Millis): CredentialView {
  const { digest: _, lifetimeMs: __, firstUsedAt: ___, ...entry } = credential;
  return { ...entry, valid: isValid(credential, now), connected: inUse.has(credential.keyId) };
}
