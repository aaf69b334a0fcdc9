import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const SESSION_TOKEN = /^[A-Za-z0-9_-]{43}$/;

export const SESSION_COOKIE = "__Host-moolai_session";

/** 32 random bytes in base64url. */
export function newSessionToken(): string {
  return Buffer.from(randomBytes(32)).toString("base64url");
}

export function isSessionToken(token: string): boolean {
  return SESSION_TOKEN.test(token);
}

export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Compares digests, so that the time shows neither length nor content of the secret. */
export function secretsEqual(left: string, right: string): boolean {
  const [one, other] = [left, right].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
