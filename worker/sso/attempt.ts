import { z } from "zod";
import type { Millis } from "../contract/presence.ts";
import { seal, unseal } from "../platform/secrets.ts";

/** So long somebody may take at the provider. */
export const ATTEMPT_MS = 10 * 60_000;
/** The cookie outlives that, so that somebody who is too late is told so. */
export const ATTEMPT_COOKIE_SEC = 3_600;
export const ATTEMPT_COOKIE = "__Host-moolai_sso";
/** Of cookies, browsers keep 4,096 characters. */
const MAX_NEXT = 1_000;

/** What a browser holds between the button and the way back from the provider. */
export interface Attempt {
  state: string;
  nonce: string;
  verifier: string;
  /** The page to open after it. The login page judges it, as it does every address. */
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

/** Encrypted, so that the browser that it is bound to can neither read nor make one. */
export function sealAttempt(secretsKey: string | undefined, value: Attempt): Promise<string> {
  return seal(secretsKey, PURPOSE, JSON.stringify(value));
}

/** The attempt of a cookie, or null when it is none of ours. */
export async function openAttempt(secretsKey: string | undefined, cookie: string): Promise<Attempt | null> {
  const text = await unseal(secretsKey, PURPOSE, cookie);
  return text === null ? null : attempt.parse(JSON.parse(text));
}
