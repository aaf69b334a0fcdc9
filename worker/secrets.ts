import type { RegistrationFields } from "./contract/orchestrator.ts";

/** `SECRETS_KEY` is missing or is not 32 bytes in base64. */
export class SecretsKeyError extends Error {
  override name = "SecretsKeyError";
}

const ALGORITHM = "AES-GCM";
const IV_BYTES = 12;
const FORMAT = /^enc:v1:([0-9a-f]{8}):([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)$/;

interface SecretsKey {
  key: CryptoKey;
  id: string;
}

/** What a secret belongs to. Bound into the ciphertext, so that it cannot be moved to another row or column. */
export interface SecretPlace {
  table: string;
  column: string;
  orchestratorId: string;
}

/** The 32 bytes of `SECRETS_KEY`, or an error that says what is wrong without the value. */
export function secretsKeyBytes(encoded: string | undefined): Uint8Array<ArrayBuffer> {
  if (!encoded) throw new SecretsKeyError("SECRETS_KEY is not set");
  const raw = decodeBase64(encoded);
  if (raw?.byteLength !== 32) throw new SecretsKeyError("SECRETS_KEY must be 32 bytes in base64");
  return raw;
}

/** The name of a key in what it has encrypted: eight hexadecimal digits of its digest, which tell nothing of it. */
export async function secretsKeyId(encoded: string | undefined): Promise<string> {
  return (await importKey(encoded)).id;
}

/** The name of the key that the text was encrypted under, or null when it is no encrypted secret. */
export function sealedUnder(sealed: string): string | null {
  return FORMAT.exec(sealed)?.[1] ?? null;
}

async function importKey(encoded: string | undefined): Promise<SecretsKey> {
  const raw = secretsKeyBytes(encoded);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", raw));
  const id = Array.from(digest.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { key: await crypto.subtle.importKey("raw", raw, ALGORITHM, false, ["encrypt", "decrypt"]), id };
}

/** AES-256-GCM: `enc:v1:<key id>:<iv>:<ciphertext>`. */
export async function encryptSecret(encodedKey: string | undefined, text: string, place: SecretPlace): Promise<string> {
  return await seal(await importKey(encodedKey), text, place);
}

async function seal({ key, id }: SecretsKey, text: string, place: SecretPlace): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(parameters(iv, place), key, new TextEncoder().encode(text));
  return `enc:v1:${id}:${encodeBase64Url(iv)}:${encodeBase64Url(new Uint8Array(sealed))}`;
}

/** Throws when the text was tampered with, belongs elsewhere or was encrypted under another key. */
export async function decryptSecret(
  encodedKey: string | undefined,
  sealed: string,
  place: SecretPlace,
): Promise<string> {
  const { key, id } = await importKey(encodedKey);
  const [, keyId, iv, ciphertext] = FORMAT.exec(sealed) ?? [];
  const ivBytes = decodeBase64(iv ?? "");
  const bytes = decodeBase64(ciphertext ?? "");
  if (!keyId || !ivBytes || !bytes) throw new Error("not an encrypted secret");
  if (keyId !== id) throw new Error("encrypted under another key");
  return new TextDecoder().decode(await crypto.subtle.decrypt(parameters(ivBytes, place), key, bytes));
}

/** Encrypts the secrets among the fields of a registration, and needs the key only if there are any. */
export async function encryptRegistrationSecrets(
  encodedKey: string | undefined,
  orchestratorId: string,
  fields: RegistrationFields,
): Promise<RegistrationFields> {
  const variables = Object.entries(fields.environment_variables ?? {});
  if (fields.database_url === undefined && fields.redis_url === undefined && variables.length === 0) return fields;
  const key = await importKey(encodedKey);
  const sealed = (column: string, text: string) =>
    seal(key, text, { table: "orchestrator_instances", column, orchestratorId });
  const result: RegistrationFields = { ...fields };
  if (fields.database_url !== undefined) result.database_url = await sealed("database_url", fields.database_url);
  if (fields.redis_url !== undefined) result.redis_url = await sealed("redis_url", fields.redis_url);
  if (fields.environment_variables) {
    // The name is part of the place: two variables must not be swapped either.
    const entries = variables.map(
      async ([name, value]) => [name, await sealed(`environment_variables.${name}`, value)] as const,
    );
    result.environment_variables = Object.fromEntries(await Promise.all(entries));
  }
  return result;
}

function parameters(
  iv: Uint8Array<ArrayBuffer>,
  { table, column, orchestratorId }: SecretPlace,
): SubtleCryptoEncryptAlgorithm {
  return { name: ALGORITHM, iv, additionalData: new TextEncoder().encode(`${table}|${column}|${orchestratorId}`) };
}

function encodeBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
