import type { Failure } from "./failure.ts";

/**
 * The database was away, but the orchestrator's object has taken the change and finishes it later: that is
 * no refusal, and asking again is not needed. The same code without these words means that nothing was changed.
 */
export function isAcceptedLate({ code, message }: Failure): boolean {
  return code === "database_unavailable" && /\baccepted\b/.test(message);
}
