import { authOf } from "../auth/stub.ts";
import { errorFields, writeLog } from "../console.ts";
import type { AccessEvent } from "../contract/session.ts";
import type { AppContext } from "./app-env.ts";
import { auditOf, shownPath } from "./caller.ts";

/** Hands the event over behind the answer, which neither waits for it nor fails with it. */
export function noteAccess(c: AppContext, event: Omit<AccessEvent, "context">): void {
  const context = auditOf(c);
  behindAnswer(c, async () => await authOf(c.env).note({ ...event, context }));
}

/** Work that the answer does not wait for. */
export function behindAnswer(c: AppContext, work: () => Promise<unknown>): void {
  const done = work().catch((error: unknown) => {
    writeLog(c.env, "WARNING", "Work behind an answer failed", {
      request_id: c.get("requestId"),
      ...errorFields(error),
    });
  });
  c.executionCtx.waitUntil(done);
}

/**
 * Refusals of the API and of the socket; a failed login tells of itself, by the name that was tried, and so does a refused
 * connection of an orchestrator whose id is known.
 */
export function noteDenial(c: AppContext): void {
  const { status } = c.res;
  const code = c.get("errorCode") ?? null;
  const isDenial = status === 401 || status === 403 || c.get("isOverRefusals") === true;
  if (!isDenial || code === null || code === "invalid_credentials") return;
  const isSocket = /^\/(ws(\/|$)|$)/.test(c.req.path);
  if (c.get("isRefusalNoted") || (!isSocket && !c.req.path.startsWith("/api/"))) return;
  noteAccess(c, { action: "access.denied", target: { type: "route", id: `${c.req.method} ${shownPath(c)}` }, code });
}
