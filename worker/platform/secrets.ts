import { Buffer } from "node:buffer";

/** `SECRETS_KEY` is missing or is not 32 bytes in base64. */
export class SecretsKeyError extends Error {
  override name = "SecretsKeyError";
}

/** The 32 bytes of `SECRETS_KEY`. The error says what is wrong without the value. */
export function secretsKeyBytes(encoded: string | undefined): Uint8Array<ArrayBuffer> {
  if (!encoded) throw new SecretsKeyError("SECRETS_KEY is not set");
  // Buffer skips what is not base64, so a mistyped key would decode to another one.
  if (!KEY.test(encoded.trim())) throw new SecretsKeyError("SECRETS_KEY must be 32 bytes in base64");
  return new Uint8Array(Buffer.from(encoded, "base64"));
}

const KEY = /^[A-Za-z0-9+/]{43}=?$/;
const ALGORITHM = "AES-GCM";
const IV_BYTES = 12;

/** Encrypts with AES-256-GCM, bound to `purpose`, so that a text sealed for one purpose does not open for another. */
export async function seal(encodedKey: string | undefined, purpose: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const content = new TextEncoder().encode(text);
  const sealed = await crypto.subtle.encrypt(parameters(iv, purpose), await importKey(encodedKey), content);
  return Buffer.from([...iv, ...new Uint8Array(sealed)]).toString("base64url");
}

/** The sealed text; null when it was tampered with, or sealed for another purpose or with another key. */
export async function unseal(encodedKey: string | undefined, purpose: string, sealed: string): Promise<string | null> {
  const key = await importKey(encodedKey);
  const bytes = new Uint8Array(Buffer.from(sealed, "base64url"));
  if (bytes.byteLength <= IV_BYTES) return null;
  const [iv, content] = [bytes.slice(0, IV_BYTES), bytes.slice(IV_BYTES)];
  const text = await crypto.subtle.decrypt(parameters(iv, purpose), key, content).catch(() => null);
  return text && new TextDecoder().decode(text);
}

function importKey(encoded: string | undefined): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secretsKeyBytes(encoded), ALGORITHM, false, ["encrypt", "decrypt"]);
}

function parameters(iv: Uint8Array<ArrayBuffer>, purpose: string): SubtleCryptoEncryptAlgorithm {
  return { name: ALGORITHM, iv, additionalData: new TextEncoder().encode(purpose) };
}
