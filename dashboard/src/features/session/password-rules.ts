export const MIN_LENGTH = 15;
export const MAX_BYTES = 256;
/** Beyond this length, more characters add little strength. */
export const GOOD_LENGTH = 25;

/** Why a new password is not acceptable, or null. The controller also rejects passwords that are easy to guess. */
export function passwordProblem(password: string): string | null {
  if (password === "") return `Enter at least ${MIN_LENGTH} characters.`;
  if (lengthOf(password) < MIN_LENGTH) return lengthWords(lengthOf(password));
  return new TextEncoder().encode(password).byteLength > MAX_BYTES ? `Use at most ${MAX_BYTES} bytes.` : null;
}

/** The length in characters, as the controller counts it: 😀 is one. */
export function lengthOf(password: string): number {
  return [...password].length;
}

/** A hint about the length. */
export function lengthWords(length: number): string {
  if (length === 0) return `At least ${MIN_LENGTH} characters. Use four or five words that only you would combine.`;
  if (length < MIN_LENGTH) return `${length} of at least ${MIN_LENGTH} characters.`;
  return `${length} characters: long enough. A password that is easy to guess is rejected when you save it.`;
}
