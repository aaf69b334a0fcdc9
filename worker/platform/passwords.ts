import { Buffer } from "node:buffer";
import crypto, { randomBytes, timingSafeEqual } from "node:crypto";

/** The cost of scrypt. PBKDF2 is no choice, because production Workers refuse the rounds that OWASP asks for. */
const COST = { logN: 14, r: 8, p: 5 } as const;
const KEY_BYTES = 32;
const FORMAT = /^scrypt\$14\$8\$5\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

/** The hash of users without a password. No password matches it. */
export const NO_PASSWORD = "!";

/** `scrypt$14$8$5$salt$hash`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = new Uint8Array(randomBytes(16));
  const key = await derive(password, salt);
  return `scrypt$${COST.logN}$${COST.r}$${COST.p}$${Buffer.from(salt).toString("base64")}$${Buffer.from(key).toString("base64")}`;
}

/** Derives exactly once whatever `stored` is, so that the time does not show which names exist. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, salt, hash] = FORMAT.exec(stored ?? "") ?? [];
  const key = await derive(password, salt === undefined ? new Uint8Array(16) : Buffer.from(salt, "base64"));
  const expected = hash === undefined ? new Uint8Array(KEY_BYTES) : Buffer.from(hash, "base64");
  const fits = expected.byteLength === key.byteLength && timingSafeEqual(expected, key);
  return fits && hash !== undefined;
}

function derive(password: string, salt: Uint8Array): Promise<Uint8Array> {
  const options = { N: 2 ** COST.logN, r: COST.r, p: COST.p, maxmem: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    // Called through the module object, so that tests can count.
    crypto.scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(new Uint8Array(key));
    });
  });
}
