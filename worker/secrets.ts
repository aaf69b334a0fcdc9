/** `SECRETS_KEY` is missing or is not 32 bytes in base64. */
export class SecretsKeyError extends Error {
  override name = "SecretsKeyError";
}

/** The 32 bytes of `SECRETS_KEY`, or an error that says what is wrong without the value. */
export function secretsKeyBytes(encoded: string | undefined): Uint8Array<ArrayBuffer> {
  if (!encoded) throw new SecretsKeyError("SECRETS_KEY is not set");
  const raw = decodeBase64(encoded);
  if (raw?.byteLength !== 32) throw new SecretsKeyError("SECRETS_KEY must be 32 bytes in base64");
  return raw;
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}
