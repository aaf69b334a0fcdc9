import { MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS } from "../../../../worker/contract/values/limits.ts";

/** Beyond this length, more characters add little strength. */
export const GOOD_LENGTH = 25;

/** Why a new password is not acceptable, or null. The controller also rejects passwords that are easy to guess. */
export function passwordProblem(password: string): string | null {
  if (password === "") return `Enter at least ${MIN_PASSWORD_CHARS} characters.`;
  if (lengthOf(password) < MIN_PASSWORD_CHARS) return lengthWords(lengthOf(password));
  return new TextEncoder().encode(password).byteLength > MAX_PASSWORD_BYTES
    ? `Use at most ${MAX_PASSWORD_BYTES} bytes.`
    : null;
}

/** The length in characters, as the controller counts it: 😀 is one. */
export function lengthOf(password: string): number {
  return [...password].length;
}

/** A hint about the length. */
export function lengthWords(length: number): string {
  if (length === 0)
    return `At least ${MIN_PASSWORD_CHARS} characters. Use four or five words that only you would combine.`;
  if (length < MIN_PASSWORD_CHARS) return `${length} of at least ${MIN_PASSWORD_CHARS} characters.`;
  return `${length} characters: long enough. A password that is easy to guess is rejected when you save it.`;
}
