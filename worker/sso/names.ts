import { canonicalName, newUsername } from "../contract/people.ts";
import { type Claims, isEmailVerified } from "./rules.ts";

/** Room for the number that distinguishes equal names. */
const MAX_CHARS = 240;

/**
 * The name for a new account. It is a label and never identifies a person: the first claim that is a valid name here.
 * Providers differ in which they send, and people may change most of them.
 */
export function wantedName(claims: Claims): string {
  const email = isEmailVerified(claims) ? claims.email : undefined;
  for (const value of [claims.preferred_username, claims.upn, email, claims.name]) {
    const name = typeof value === "string" ? usable(value) : null;
    if (name !== null) return name;
  }
  return usable(`sso-${String(claims.sub)}`) ?? "sso-user";
}

/** `alice`, `alice-2`, `alice-3` … : the nth choice. */
export function numberedName(name: string, n: number): string {
  return n === 1 ? name : `${name}-${n}`;
}

function usable(text: string): string | null {
  const name = canonicalName(text.slice(0, MAX_CHARS)).replaceAll(/\s+/gu, "-").slice(0, MAX_CHARS);
  const parsed = newUsername.safeParse(name);
  return parsed.success ? parsed.data : null;
}
