import { type AuditContext, actorName } from "../contract/actor.ts";
import type { AuditEntry } from "../db/audit-write.ts";
import { networkOfAddress } from "../platform/network.ts";
import { redact } from "../platform/redact.ts";
import { decodedPath } from "../platform/tokens.ts";
import type { AppContext } from "./app-env.ts";

const MAX_USER_AGENT = 512;
const MAX_PATH = 512;

/** The caller of a change, for the audit row. */
export function auditOf(c: AppContext): AuditContext {
  return {
    actor: actorName(c.get("actor")),
    ip: addressOf(c),
    userAgent: redact(c.req.header("User-Agent") ?? "").slice(0, MAX_USER_AGENT) || null,
    requestId: c.get("requestId"),
  };
}

/** The account of the caller: for an API token, that of its maker. Quotas and the audit of refusals count by it. */
export function accountOf(c: AppContext): string {
  return c.get("credential")?.maker ?? actorName(c.get("actor"));
}

/** Forgeable outside Cloudflare, so it serves throttling and audit only. */
export function addressOf(c: AppContext): string | null {
  return redact(c.req.header("CF-Connecting-IP") ?? "").slice(0, 64) || null;
}

/** The network that counts as one address, or "unknown". */
export function networkOf(c: AppContext): string {
  const address = addressOf(c);
  return address === null ? "unknown" : networkOfAddress(address);
}

/** The path for log and audit, with secrets masked. */
export function shownPath(c: AppContext): string {
  return redact(decodedPath(c.req.path)).slice(0, MAX_PATH);
}

/** An audit row for a change that this request makes. */
export function auditEntry(c: AppContext, entry: Omit<AuditEntry, "id" | "at" | "context">): AuditEntry {
  return { ...entry, id: crypto.randomUUID(), at: Date.now(), context: auditOf(c) };
}
