import { CLOSE } from "../../../worker/contract/values/codes.ts";

/** How a connection ended, as the client saw it. */
export type End =
  /** The controller answered the upgrade with something else than a WebSocket. */
  | { kind: "refused"; status: number; message: string; retryAfterMs: number | null }
  | { kind: "unreachable"; reason: string }
  /** `error`: the last frame of that type before the close. */
  | { kind: "closed"; code: number; reason: string; error: { code: string; retryAfterMs: number | null } | null };

/** `again`: connect again, not before `afterMs` if that is given. `stop`: it would only be refused again. */
export type Verdict = { kind: "again"; why: string; afterMs?: number } | { kind: "stop"; why: string };

const again = (why: string, afterMs?: number | null): Verdict => ({
  kind: "again",
  why,
  ...(typeof afterMs === "number" && { afterMs }),
});
const stop = (why: string): Verdict => ({ kind: "stop", why });

/** Close codes after which the same client would only be closed again. */
const FINAL: ReadonlyMap<number, string> = new Map([
  [CLOSE.binary, "it got a binary frame"],
  [CLOSE.tooLarge, "it got a frame that is too large"],
  [CLOSE.badFrames, "it refused too many frames of this client"],
  [CLOSE.credentialEnded, "the token was revoked or has expired. Have another one made, and connect with that"],
  [CLOSE.identityMismatch, "the token is that of another orchestrator"],
  [CLOSE.deregistered, "this orchestrator was deregistered. Have it registered again first"],
]);

/** Honours the close codes and answers of docs/reference.md. */
export function verdictOn(end: End): Verdict {
  if (end.kind === "unreachable") return again(`No controller answers (${end.reason}).`);
  if (end.kind === "refused") return onRefused(end);
  const { code, reason, error } = end;
  const final = FINAL.get(code);
  if (final !== undefined) return stop(`The controller closed the connection with ${code}: ${final}.`);
  if (code === CLOSE.replaced) {
    if (error?.code === "duplicate_identity")
      return again(
        "Another machine is connected under this id. Give each machine an id of its own.",
        error.retryAfterMs,
      );
    return stop(`Another connection took over this id (close code ${code}). Give each machine an id of its own.`);
  }
  if (code === CLOSE.tooManyFrames) return again("The controller got too many frames.", 30_000);
  return again(`The connection ended (close code ${code}${reason === "" ? "" : `, ${reason}`}).`, error?.retryAfterMs);
}

function onRefused({ status, message, retryAfterMs }: Extract<End, { kind: "refused" }>): Verdict {
  const said = `The controller answered ${status}${message === "" ? "" : `: ${message}`}`.replace(/[^.!?]$/, "$&.");
  if (status === 401) {
    const todo = "Deployed, each orchestrator needs a token: register it, and put its token into AGENT_TOKEN.";
    return stop(`${said} ${todo}`);
  }
  if (status === 429 || status >= 500) return again(said, retryAfterMs);
  return stop(`${said} Is the address right? It ends in /ws, and is wss:// when the controller is deployed.`);
}

/**
 * How long to wait before the next attempt: twice as long after each failure in a row, and anywhere between half of that
 * and all of it, so that a fleet that lost its controller does not come back in one moment.
 */
export function pauseMs(
  failures: number,
  { minMs, maxMs }: { minMs: number; maxMs: number },
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(failures, 16));
  return Math.round(full * (0.5 + random() / 2));
}
