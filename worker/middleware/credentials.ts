const SESSION_TOKEN = /^[A-Za-z0-9_-]{43}$/;
const encoder = new TextEncoder();

export const SESSION_COOKIE = "__Host-moolai_session";

/** 32 random bytes in base64url. */
export function newSessionToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

export function isSessionToken(token: string): boolean {
  return SESSION_TOKEN.test(token);
}

export async function digestOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await sha256(text));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Compares digests, so that neither length nor content of the secret shows in the time it takes. */
export async function secretsEqual(left: string, right: string): Promise<boolean> {
  return crypto.subtle.timingSafeEqual(await sha256(left), await sha256(right));
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", encoder.encode(text));
}
