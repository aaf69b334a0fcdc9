import type { components } from "./api-schema.d.ts";

type ErrorAnswer = components["schemas"]["Error"]["error"];

/** What passes by itself. */
const PUTS_OFF: Readonly<Record<string, string>> = {
  rate_limited: "the controller asked to slow down",
  overloaded: "the controller is busy",
  database_unavailable: "the database of the controller is away",
  config_error: "the controller is not configured correctly",
  build_mismatch: "the controller is not configured correctly",
  unreachable: "the controller does not answer",
};
/** When an answer does not say how long, or there is none. */
const DEFAULT_WAIT_SEC = 5;

/** Why a call of the API did not succeed, in the words the pages need. */
export class Failure extends Error {
  override name = "Failure";
  /** The documented error code, or "unreachable" when there was no answer at all. */
  readonly code: string;
  readonly retryAfterSec: number | null;
  /** With "version_conflict": what is stored now. */
  readonly current: Readonly<Record<string, unknown>> | null;
  /** The controller keeps the change and finishes it by itself: nothing was refused, and nobody need ask again. */
  readonly isAccepted: boolean;

  constructor(
    code: string,
    message: string,
    retryAfterSec: number | null = null,
    { current = null, accepted = false }: { current?: ErrorAnswer["current"] | null; accepted?: boolean } = {},
  ) {
    super(message);
    this.code = code;
    this.retryAfterSec = retryAfterSec;
    this.current = current;
    this.isAccepted = accepted;
  }
}

/** Why and how long to wait before the same is asked again; null: asking again is of no use. */
export function putOff({ code, retryAfterSec, isAccepted }: Failure): { reason: string; waitMs: number } | null {
  const reason = PUTS_OFF[code];
  return reason === undefined || isAccepted ? null : { reason, waitMs: (retryAfterSec ?? DEFAULT_WAIT_SEC) * 1000 };
}

/** What became of a change that failed; `unchanged` only when the controller has said so. Without an answer nobody knows. */
export function outcomeOf(
  { code, message, isAccepted }: Pick<Failure, "code" | "message" | "isAccepted">,
  unchanged: string,
): string {
  const reason = message.replace(/\.$/, "");
  if (isAccepted) return `${reason}.`;
  return code === "unreachable"
    ? `${reason}. Whether it was done is not known: look before you try again.`
    : `${reason}. ${unchanged}`;
}

export function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("unreachable", "The controller does not answer");
}
