/** Why a call of the API did not succeed, in the words the pages need. */
export class Failure extends Error {
  override name = "Failure";
  /** The documented error code, or "unreachable" when there was no answer at all. */
  readonly code: string;
  readonly retryAfterSec: number | null;

  constructor(code: string, message: string, retryAfterSec: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterSec = retryAfterSec;
  }
}

/** What became of a change that failed; `unchanged` only when the controller has said so. Without an answer nobody knows. */
export function outcomeOf({ code, message }: Pick<Failure, "code" | "message">, unchanged: string): string {
  const reason = message.replace(/\.$/, "");
  return code === "unreachable"
    ? `${reason}. Whether it was done is not known: look before you try again.`
    : `${reason}. ${unchanged}`;
}

export function toFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure("unreachable", "The controller does not answer");
}
