import { authOf } from "../auth/stub.ts";
import type { AccessEvent } from "../contract/session.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import type { AppContext } from "./app-env.ts";
import { accountOf, auditOf, networkOf, shownPath } from "./caller.ts";

/** How often the count of an address over its refusal budget is sent to the audit. */
const TELL_TOGETHER_MS = 1_000;
/** Counts of such addresses that were not sent yet, by network. They live as long as the isolate. */
const untold = new Map<string, AccessEvent & { count: number }>();

/** Sends the event to the Auth object after the answer, which neither waits for it nor fails with it. */
export function noteAccess(c: AppContext, event: Omit<AccessEvent, "context">): void {
  const told = withCaller(c, event);
  behindAnswer(c, async () => await authOf(c.env).note(told));
}

/** Counts one of many equal refusals. They are sent together, because each call of Auth writes a row. */
function noteTogether(c: AppContext, event: Omit<AccessEvent, "context">): void {
  const network = networkOf(c);
  const waiting = untold.get(network);
  if (waiting) {
    waiting.count += 1;
    return;
  }
  const first = { ...withCaller(c, event), count: 1 };
  untold.set(network, first);
  behindAnswer(c, async () => {
    await scheduler.wait(TELL_TOGETHER_MS);
    untold.delete(network);
    await authOf(c.env).note(first);
  });
}

function withCaller(c: AppContext, event: Omit<AccessEvent, "context">): AccessEvent {
  const actor = c.get("actor");
  const context = auditOf(c);
  if (actor.kind === "anonymous") return { ...event, context };
  // Any one of several will do: it only has to keep callers from filling the places of another organization.
  const organization = actor.organizations?.toSorted()[0] ?? null;
  return { ...event, context, by: { account: accountOf(c), organization } };
}

/** Runs work that the answer does not wait for. */
export function behindAnswer(c: AppContext, work: () => Promise<unknown>): void {
  const done = work().catch((error: unknown) => {
    writeLog(c.env, "WARNING", "Work after an answer failed", {
      request_id: c.get("requestId"),
      ...errorFields(error),
    });
  });
  c.executionCtx.waitUntil(done);
}

/**
 * Records refusals of the API and of the socket. A failed login records itself, under the name that was tried, and so
 * does a refused connection of an orchestrator with a known id.
 */
export function noteDenial(c: AppContext): void {
  const isOver = c.get("isOverRefusals") === true;
  const note = c.get("refusalNote");
  if (note && !isOver) {
    behindAnswer(c, note);
    return;
  }
  const { status } = c.res;
  const code = c.get("errorCode") ?? null;
  const isDenial = status === 401 || status === 403 || isOver;
  if (!isDenial || code === null || code === "invalid_credentials") return;
  const target = { type: "route", id: `${c.req.method} ${shownPath(c)}` } as const;
  if (isOver) {
    noteTogether(c, { action: "access.denied", target, code });
    return;
  }
  const isSocket = /^\/(ws(\/|$)|$)/.test(c.req.path);
  if (c.get("isRefusalNoted") || (!isSocket && !c.req.path.startsWith("/api/"))) return;
  noteAccess(c, { action: "access.denied", target, code });
}
