import { authOf } from "../auth/stub.ts";
import type { LogLine, Millis } from "../contract/presence.ts";
import type { RefusalReason, RefusalReport } from "../contract/refusals.ts";

const WORDS: Record<RefusalReason, string> = {
  duplicate_identity: "two machines use this id at the same time",
  wrong_token: "it has no valid token",
  wrong_id: "its token or its handshake is that of another orchestrator",
  bad_handshake: "no handshake that can be read came in time",
  rate_limited: "it connects too often",
  deregistered: "it was deregistered",
};
/** These come from an open socket, so whoever sent them had passed the check of its token. */
const AUTHENTICATED: readonly RefusalReason[] = ["duplicate_identity", "bad_handshake"];

/** The one line that the controller log has of connections that go on being refused. */
export function refusalLine({ orchestratorId, organizationId, reason, address, lastAt: at }: RefusalReport): LogLine {
  const from = address === null ? "" : ` from ${address}`;
  const message = `[C-OCS] Connection as ${orchestratorId}${from} refused: ${WORDS[reason]}`;
  return { at, level: "WARNING", message, orchestratorId, organizationId, count: 1 };
}

/** The one line for ids that are not told one by one. */
export function floodLine(at: Millis): LogLine {
  const message =
    "[C-OCS] Connections under more ids that nobody knows are refused; they are not listed here one by one";
  return { at, level: "WARNING", message, orchestratorId: null, organizationId: null, count: 1 };
}

/** Counted for the audit, on its way to Postgres behind whatever waits for this. */
export async function auditRefusal(env: Env, report: RefusalReport): Promise<void> {
  const { orchestratorId: id, organizationId, reason: code, address: ip, count } = report;
  const actor = AUTHENTICATED.includes(code) ? `agent:${id}` : "anonymous";
  await authOf(env).note({
    action: "access.denied",
    target: { type: "orchestrator", id },
    organizationId,
    code,
    count,
    context: { actor, ip, userAgent: null, requestId: crypto.randomUUID() },
  });
}
