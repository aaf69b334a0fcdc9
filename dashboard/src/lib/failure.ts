import type { components } from "./api-schema.d.ts";

type ErrorAnswer = components["schemas"]["Error"]["error"];

/** Errors that resolve by themselves, with the reason to show. */
const PUTS_OFF: Readonly<Record<string, string>> = {
  rate_limited: "too many requests",
  overloaded: "the controller is busy",
  database_unavailable: "the controller's database is unavailable",
  config_error: "the controller is misconfigured",
  build_mismatch: "the controller is misconfigured",
  unreachable: "the controller is not responding",
};
/** The wait if the response does not specify one, or there is no response. */
const DEFAULT_WAIT_SEC = 5;

/** Why a call of the API failed. */
export class Failure extends Error {
  override name = "Failure";
  /** The documented error code, or "unreachable" if there was no response. */
  readonly code: string;
  readonly retryAfterSec: number | null;
  /** With "version_conflict": the stored state. */
  readonly current: Readonly<Record<string, unknown>> | null;
  /** The controller has accepted the change and completes it later, so a retry is not needed. */
  readonly isAccepted: boolean;
  /** Part of the change is kept, and the message says what to repeat. */
  readonly isPartial: boolean;

  constructor(
    code: string,
    message: string,
    retryAfterSec: number | null = null,
    { current = null, accepted }: { current?: ErrorAnswer["current"] | null; accepted?: boolean | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.retryAfterSec = retryAfterSec;
    this.current = current;
    this.isAccepted = accepted === true;
    // With "database_unavailable", false says that nothing is kept.
    this.isPartial = accepted === false && code !== "database_unavailable";
  }
}

/** The reason and the wait before a retry; null: a retry cannot help. */
export function putOff({ code, retryAfterSec, isAccepted }: Failure): { reason: string; waitMs: number } | null {
  const reason = PUTS_OFF[code];
  return reason === undefined || isAccepted ? null : { reason, waitMs: (retryAfterSec ?? DEFAULT_WAIT_SEC) * 1000 };
}

/** The outcome of a failed change: `unchanged` only if the controller confirmed it. Without a response it is unknown. */
export function outcomeOf(
  { code, message, isAccepted, isPartial }: Pick<Failure, "code" | "message" | "isAccepted"> & { isPartial?: boolean },
  unchanged: string,
): string {
  const reason = message.replace(/\.$/, "");
  if (isAccepted || isPartial) return `${reason}.`;
  return code === "unreachable"
    ? `${reason}. The result is unknown: check before you try again.`
    : `${reason}. ${unchanged}`;
}

export function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("unreachable", "The controller is not responding");
}
