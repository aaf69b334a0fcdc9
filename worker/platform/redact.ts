import type { ErrorDetail } from "../contract/errors.ts";
import type { JsonObject, JsonValue } from "../contract/json.ts";
import { MAX_JSON_DEPTH } from "../contract/values/limits.ts";
import { isSecretText, type Naming, namingOf, SECRET_NAME_PARTS } from "./secret-names.ts";

const MASK = "…";
const LIKE_A_SECRET = "Aa1Bb2Cc3Dd4Ee5Ff6";
/** JSON that was accepted, and what a log line or an audit row wraps around it. */
const MAX_DEPTH = MAX_JSON_DEPTH + 4;
const TOKEN = /(mc[tjal]_)[A-Za-z0-9._-]+/g;
/** Keys of well-known services, JSON web tokens, private keys. A digit and a capital tell them from an id such as `sk-north`. */
const KNOWN_KEY = new RegExp(
  String.raw`\b(sk-|gh[opsur]_|github_pat_|glpat-|hf_|xox[abeprs]-|AIza|AKIA|ASIA|eyJ(?=[\w-]{8,256}\.))(?=[\w.-]{0,64}\d)(?=[\w.-]{0,64}[A-Z])[\w.-]{12,}|` +
    "(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^-]+",
  "g",
);
/** A digit, a sign or a capital inside tells a credential from a word: "Basic configuration" stays. */
const CREDENTIAL =
  /\b(Bearer|bearer|BEARER|Basic|basic|BASIC) +(?=\S*(?:[0-9+/=_.~-]|[a-z][A-Z]))[A-Za-z0-9._~+/=-]{6,}/g;
/** How an API token is called as an actor: its name and its key id are no secret, although they stand behind `token:`. */
const TOKEN_ACTOR = /^token:(\S.*)( \([0-9A-Za-z]{10}\))$/;
const { NAME, SETTING } = SECRET_NAME_PARTS;
const SEPARATOR = `["'] ?: ?|=|: ?`;
/** `token_limit=5` is none. */
const ASSIGNMENT = new RegExp(
  String.raw`((?:${NAME})(?![A-Za-z0-9_-]{0,32}[_-]?(?:${SETTING})(?:${SEPARATOR}))[A-Za-z0-9_-]{0,32}(?:${SEPARATOR})(?!(?:Bearer|Basic) +${MASK}))(?:"[^"]*"?|'[^']*'?|[^\s&;,"'])+`,
  "gi",
);

/**
 * Masks secrets for whoever looks: in answers, on the stream, in log lines and the audit, and in the copies that only
 * they read. Our tokens, `Authorization` values, passwords in URLs, texts under a name for a secret, and what is nested
 * too deep to be looked at. Numbers, booleans and the shape of objects stay. Pure, never throws, never makes text longer,
 * and once is as good as twice. What an orchestrator is told never passes here (docs/design.md, Masking).
 */
export function redact(value: string): string;
export function redact(value: JsonObject): JsonObject;
export function redact(value: unknown): unknown;
export function redact(value: unknown): unknown {
  return redactAt(value, 0, "plain");
}

/** The path of the first text that is a mask, such as a viewer saw in place of a secret; null when there is none. */
export function findMask(value: unknown): string | null {
  const stack = [{ value, path: "", naming: "plain" as Naming }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { naming, path } = item;
    if (typeof item.value === "string" && isMask(item.value, naming)) return path;
    if (typeof item.value !== "object" || item.value === null) continue;
    const isList = Array.isArray(item.value);
    for (const [key, entry] of Object.entries(item.value)) {
      stack.push({ value: entry, path: `${path}/${key}`, naming: isList ? naming : namingOf(key, naming) });
    }
  }
  return null;
}

/** What is wrong with a body of these `parts`: stored, a mask would destroy the secret. Null: there is none. */
export function maskProblem(parts: Record<string, unknown>): ErrorDetail | null {
  const path = findMask(parts);
  if (path === null) return null;
  const message = "is the mask that stands in place of a secret: send the secret itself, or leave this out";
  return { path: `/body${path}`, code: "masked", message };
}

/** The same without the texts that are masks, and where they stood. */
export function withoutMasks(given: JsonObject): { kept: JsonObject; paths: string[] } {
  const paths: string[] = [];
  const strip = (value: JsonValue, naming: Naming, path: string[]): JsonValue | undefined => {
    if (typeof value === "string" && isMask(value, naming)) {
      paths.push(path.join("."));
      return undefined;
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      return value
        .map((entry, index) => strip(entry, naming, [...path, String(index)]))
        .filter((entry) => entry !== undefined);
    }
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, entry]) => {
        const kept = strip(entry, namingOf(key, naming), [...path, key]);
        return kept === undefined ? [] : [[key, kept]];
      }),
    );
  };
  return { kept: strip(given, "plain", []) as JsonObject, paths };
}

/** What a viewer sends back, with the secrets that stand behind its masks: what was only looked at stays as it is. */
export function unmasked(given: JsonObject, known: JsonObject): JsonObject {
  return unmaskedAt(given, known, "plain") as JsonObject;
}

function unmaskedAt(given: JsonValue, known: JsonValue | undefined, naming: Naming): JsonValue {
  if (typeof given === "string") {
    if (!isMask(given, naming) || typeof known !== "string") return given;
    return redactAt(known, 0, naming) === given ? known : given;
  }
  if (typeof given !== "object" || given === null || typeof known !== "object" || known === null) return given;
  if (Array.isArray(given)) {
    return Array.isArray(known) ? given.map((entry, index) => unmaskedAt(entry, known[index], naming)) : given;
  }
  if (Array.isArray(known)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, entry]) => [
      key,
      unmaskedAt(entry, Object.hasOwn(known, key) ? known[key] : undefined, namingOf(key, naming)),
    ]),
  );
}

/** A text is a mask when some secret in the place of the … would be masked to just this text. */
function isMask(text: string, naming: Naming): boolean {
  if (!text.includes(MASK)) return false;
  return (naming !== "plain" && text === MASK) || redactText(text.replaceAll(MASK, LIKE_A_SECRET)) === text;
}

function redactAt(value: unknown, depth: number, naming: Naming): unknown {
  if (typeof value === "string") return redactNamed(value, naming);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return MASK;
  if (Array.isArray(value)) return value.map((entry) => redactAt(entry, depth + 1, naming));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const name = redactText(key);
      return [name, redactAt(entry, depth + 1, namingOf(name, naming))];
    }),
  );
}

/** Under a name that is suspected, a text that holds something secret goes as a whole, as it would the second time. */
function redactNamed(text: string, naming: Naming): string {
  if (isSecretText(text, naming)) return MASK;
  const shown = redactText(text);
  return shown === text || naming === "plain" ? shown : MASK;
}

function redactText(text: string): string {
  const [, name, keyId] = TOKEN_ACTOR.exec(text) ?? [];
  if (name !== undefined && keyId !== undefined) return `token:${redactText(name)}${keyId}`;
  return text
    .replaceAll(TOKEN, `$1${MASK}`)
    .replaceAll(KNOWN_KEY, `$1$2${MASK}`)
    .replaceAll(CREDENTIAL, `$1 ${MASK}`)
    .replaceAll(/[^\s"]+/g, redactUrl)
    .replaceAll(ASSIGNMENT, `$1${MASK}`);
}

/** A password may hold an @ itself: everything up to the last one is taken for it. On the web, a name alone is a token. */
function redactUrl(word: string): string {
  const end = word.lastIndexOf("@");
  if (end === -1 || !word.includes("://")) return word;
  const before = word
    .slice(0, end)
    .replace(/:\/\/([^:/@]*):.+$/s, `://$1:${MASK}`)
    .replace(/(https?:\/\/)[^:/?#@]+$/i, `$1${MASK}`);
  return before + word.slice(end);
}
