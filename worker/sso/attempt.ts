import { z } from "zod";
import type { Millis } from "../contract/presence.ts";
import { seal, unseal } from "../platform/secrets.ts";

/** How long a person may take at the provider. */
export const ATTEMPT_MS = 10 * 60_000;
/** The cookie lives longer, so that a person who is too late gets a message. */
export const ATTEMPT_COOKIE_SEC = 3_600;
export const ATTEMPT_COOKIE = "__Host-moolai_sso";
/** Browsers keep cookies of up to 4,096 characters. */
const MAX_NEXT = 1_000;

/** The data that a browser keeps between the button and the way back from the provider. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The page to open afterwards. The login page checks it, as every such address. */
  next: string;
  startedAt: Millis;
}

const attempt = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
  startedAt: z.number(),
});

const PURPOSE = "attempt of single sign-on";

export function nextOf(next: string | undefined): string {
  return next?.startsWith("/") && next.length <= MAX_NEXT ? next : "/";
}

/** Encrypted, so that the browser can neither read nor forge it. */
export function sealAttempt(secretsKey: string | undefined, value: Attempt): Promise<string> {
  return seal(secretsKey, PURPOSE, JSON.stringify(value));
}

/** The attempt in a cookie, or null when the cookie is not valid. */
export async function openAttempt(secretsKey: string | undefined, cookie: string): Promise<Attempt | null> {
  const text = await unseal(secretsKey, PURPOSE, cookie);
  return text === null ? null : attempt.parse(JSON.parse(text));
}
