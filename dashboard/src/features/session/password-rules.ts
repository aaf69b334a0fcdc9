export const MIN_LENGTH = 15;
export const MAX_BYTES = 256;
/** From here on more characters add little. */
export const GOOD_LENGTH = 25;

/** What is wrong with a password to be set, in words. Whether it is easy to guess the controller says. */
export function passwordProblem(password: string): string | null {
  if (password === "") return `Enter at least ${MIN_LENGTH} characters.`;
  if (lengthOf(password) < MIN_LENGTH) return lengthWords(lengthOf(password));
  return new TextEncoder().encode(password).byteLength > MAX_BYTES ? `At most ${MAX_BYTES} bytes.` : null;
}

/** In characters, as the controller counts them: 😀 is one. */
export function lengthOf(password: string): number {
  return [...password].length;
}

/** What its length says. */
export function lengthWords(length: number): string {
  if (length === 0)
    return `At least ${MIN_LENGTH} characters. Four or five words that belong together for you alone are a good one.`;
  if (length < MIN_LENGTH) return `${length} of at least ${MIN_LENGTH} characters.`;
  return `${length} characters: long enough. What is easy to guess is refused when you save it.`;
}
