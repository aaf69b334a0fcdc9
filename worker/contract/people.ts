import { z } from "zod";
import { isBlank, visibleText } from "../../common/text.ts";
import { MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS } from "./values/limits.ts";

/** How long a link to set a password is good for. */
export const LINK_LIFETIME_MS = 24 * 3_600_000;

/** The canonical spelling of a name: stored, looked up, and counted by the throttle. */
export function canonicalName(username: string): string {
  return username.normalize("NFKC").trim().toLowerCase();
}

/** The name of a new user. In the audit `user:` stands before it, in a column of 255 characters. */
export const newUsername = z
  .string()
  .max(250)
  .transform(canonicalName)
  .refine(
    (name) => /^[^\s\p{C}]{1,250}$/u.test(name) && visibleText(name) === name && !isBlank(name),
    "must be 1–250 characters without spaces or invisible characters",
  );

const fits = (password: string) => new TextEncoder().encode(password).byteLength <= MAX_PASSWORD_BYTES;
const TOO_LONG = `must have at most ${MAX_PASSWORD_BYTES} bytes`;

/** A password to be checked. */
export const givenPassword = z.string().min(1).max(MAX_PASSWORD_BYTES).refine(fits, TOO_LONG);

/** A password to set. Its strength is judged when it is hashed, because that depends on the person. */
export const newPassword = z
  .string()
  .min(MIN_PASSWORD_CHARS, `must have at least ${MIN_PASSWORD_CHARS} characters`)
  .max(MAX_PASSWORD_BYTES, TOO_LONG)
  .refine(fits, TOO_LONG)
  .refine((password) => password.isWellFormed(), "must be text")
  .meta({
    description: `At least ${MIN_PASSWORD_CHARS} characters, at most ${MAX_PASSWORD_BYTES} bytes, and hard to guess: 422 says why it is not`,
  });
