import { timingSafeEqual } from "node:crypto";
import { ID_PATTERN } from "../contract/values/ids.ts";

/**
 * Credentials that the controller issues: a prefix that names the kind, a key id of 10, a random part of 32
 * base62 characters (190 bits) and a checksum of 6. An agent's also carries its orchestrator's id:
 * `mca_{orchestrator_id}.{key id}{random}{checksum}`.
 */
export const TOKEN_PREFIXES = { api: "mct", join: "mcj", agent: "mca", link: "mcl" } as const;
export type TokenKind = keyof typeof TOKEN_PREFIXES;

export interface Token {
  kind: TokenKind;
  keyId: string;
  /** Agent tokens only. */
  orchestratorId: string | null;
}

const PREFIX = /^mc[tjal]_/;
const SECRET_PARAMETER = /^(?:(?:access|agent|api|auth|bearer|join)[_-]?)?token$|^authorization$|^api[_-]?key$/i;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KEY_ID_LENGTH = 10;
const RANDOM_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
/** The largest multiple of 62 in a byte. Larger bytes are discarded, or some characters would be more frequent. */
const FAIR_LIMIT = 248;
const SHAPE = /^(mc[tjal])_(?:(.{1,64})\.)?([0-9A-Za-z]{10})[0-9A-Za-z]{32}([0-9A-Za-z]{6})$/;

/** A new token. The text is shown once; only key id and digest are stored. */
export function newToken(kind: Exclude<TokenKind, "agent">): { text: string; keyId: string };
export function newToken(kind: "agent", orchestratorId: string): { text: string; keyId: string };
export function newToken(kind: TokenKind, orchestratorId?: string): { text: string; keyId: string } {
  const keyId = randomText(KEY_ID_LENGTH);
  const owner = orchestratorId === undefined ? "" : `${orchestratorId}.`;
  const body = `${TOKEN_PREFIXES[kind]}_${owner}${keyId}${randomText(RANDOM_LENGTH)}`;
  return { text: body + checksum(body), keyId };
}

/** The token that the text claims to be, or null when it is mistyped, cut off or made up. It proves nothing. */
export function parseToken(text: string): Token | null {
  const [, prefix, orchestratorId, keyId, check] = SHAPE.exec(text) ?? [];
  const kind = (Object.keys(TOKEN_PREFIXES) as TokenKind[]).find((name) => TOKEN_PREFIXES[name] === prefix);
  if (!kind || !keyId || check !== checksum(text.slice(0, -CHECKSUM_LENGTH))) return null;
  if ((kind === "agent") !== (orchestratorId !== undefined)) return null;
  if (orchestratorId !== undefined && !ID_PATTERN.test(orchestratorId)) return null;
  return { kind, keyId, orchestratorId: orchestratorId ?? null };
}

/** Whether the text looks like one of our tokens, valid or not. */
export function looksLikeToken(text: string): boolean {
  return PREFIX.test(text);
}

/** A decoded path, so that nothing hides behind percent signs. A path that cannot be decoded stays. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Whether an address contains what looks like a secret. Addresses are logged on their way. */
export function carriesToken(url: URL): boolean {
  const segments = decodedPath(url.pathname).split("/");
  const parameters = [...url.searchParams];
  return (
    [...segments, ...parameters.map(([, value]) => value)].some(looksLikeToken) ||
    parameters.some(([name]) => SECRET_PARAMETER.test(name))
  );
}

function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      if (byte < FAIR_LIMIT && text.length < length) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}

/** CRC-32 (IEEE 802.3, as in zip) in base62. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let value = ~crc >>> 0;
  let digits = "";
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = ALPHABET.charAt(value % ALPHABET.length) + digits;
    value = Math.floor(value / ALPHABET.length);
  }
  return digits;
}

/** Compares two SHA-256 digests in hex, in constant time. */
export function digestsEqual(left: string, right: string): boolean {
  const [a, b] = [bytesOf(left), bytesOf(right)];
  return a.byteLength === 32 && b.byteLength === 32 && timingSafeEqual(a, b);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
