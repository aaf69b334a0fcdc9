import { Buffer } from "node:buffer";

/** The content of an Authorization header. `user` is null when it is missing, as always in `Bearer`. */
export interface Presented {
  scheme: "bearer" | "basic";
  user: string | null;
  secret: string | null;
}

/** No valid credential contains a comma, with which two headers are joined. */
const HEADER = /^(Bearer|Basic) +([A-Za-z0-9._~+/-]{1,1024}=*) *$/i;

/**
 * Reads `Bearer TOKEN`, or `Basic`, which HTTP and WebSocket clients make of an address like `https://ID:TOKEN@host`.
 * The only place that reads the header, for REST and for `/ws`. Null: it cannot be read.
 */
export function readAuthorization(header: string): Presented | null {
  const [, scheme, value] = HEADER.exec(header.trim()) ?? [];
  if (!scheme || !value) return null;
  if (scheme.toLowerCase() === "bearer") return { scheme: "bearer", user: null, secret: value };
  // In either alphabet, with or without padding.
  const text = Buffer.from(value, "base64").toString("latin1");
  if (text === "") return null;
  const [user = "", ...secret] = text.split(":");
  return { scheme: "basic", user: asMeant(user) || null, secret: asMeant(secret.join(":")) || null };
}

/** Some clients do not decode the percent signs of an address. Ids and tokens contain none of their own. */
function asMeant(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
