import type { ErrorDetail } from "../contract/errors.ts";
import type { JsonObject, JsonValue } from "../contract/json.ts";
import { MAX_JSON_DEPTH } from "../contract/values/limits.ts";
import { isSecretText, type Naming, namingOf, SECRET_NAME_PARTS } from "./secret-names.ts";

const MASK = "…";
const LIKE_A_SECRET = "Aa1Bb2Cc3Dd4Ee5Ff6";
/** The depth of accepted JSON, and of what a log line or an audit row adds around it. */
const MAX_DEPTH = MAX_JSON_DEPTH + 4;
const TOKEN = /(mc[tjal]_)[A-Za-z0-9._-]+/g;
/**
 * Keys of well-known services, JSON web tokens, private keys. A digit and a capital distinguish them from an id such
 * as `sk-north`.
 */
const KNOWN_KEY = new RegExp(
  String.raw`\b(sk-|gh[opsur]_|github_pat_|glpat-|hf_|xox[abeprs]-|AIza|AKIA|ASIA|eyJ(?=[\w-]{8,256}\.))(?=[\w.-]{0,64}\d)(?=[\w.-]{0,64}[A-Z])[\w.-]{12,}|` +
    "(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^-]+",
  "g",
);
/** A digit, a sign or a capital inside distinguishes a credential from a word: "Basic configuration" stays. */
const CREDENTIAL =
  /\b(Bearer|bearer|BEARER|Basic|basic|BASIC) +(?=\S*(?:[0-9+/=_.~-]|[a-z][A-Z]))[A-Za-z0-9._~+/=-]{6,}/g;
/** The name of an API token as an actor: its name and key id are no secret, although they follow `token:`. */
const TOKEN_ACTOR = /^token:(\S.*)( \([0-9A-Za-z]{10}\))$/;
const { NAME, SETTING } = SECRET_NAME_PARTS;
const SEPARATOR = `["'] ?: ?|=|: ?`;
/** `token_limit=5` is no secret. */
const ASSIGNMENT = new RegExp(
  String.raw`((?:${NAME})(?![A-Za-z0-9_-]{0,32}[_-]?(?:${SETTING})(?:${SEPARATOR}))[A-Za-z0-9_-]{0,32}(?:${SEPARATOR})(?!(?:Bearer|Basic) +${MASK}))(?:"[^"]*"?|'[^']*'?|[^\s&;,"'])+`,
  "gi",
);

/**
 * Masks secrets for viewers: in answers, the stream, log lines, the audit, and the copies that only they read. Masked
 * are our tokens, `Authorization` values, passwords in URLs, texts under the name of a secret, and values nested too
 * deep to inspect. Numbers, booleans and the shape of objects stay. Pure and idempotent; never throws, never makes a
 * text longer. Nothing that is sent to an orchestrator passes here (docs/design.md#masking).
 */
export function redact(value: string): string;
export function redact(value: JsonObject): JsonObject;
export function redact(value: unknown): unknown;
export function redact(value: unknown): unknown {
  return redactAt(value, 0, "plain");
}

/** The path of the first text that is a mask, which a viewer saw in place of a secret; null when there is none. */
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

/** The problem of a body with a mask in these `parts`, which would destroy the secret if stored. Null: none. */
export function maskProblem(parts: Record<string, unknown>): ErrorDetail | null {
  const path = findMask(parts);
  if (path === null) return null;
  const message = "is the mask that stands in place of a secret: send the secret itself, or leave this out";
  return { path: `/body${path}`, code: "masked", message };
}

/** The same object without the texts that are masks, and their paths. */
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

/** A password may contain an @, so the last one ends it. On the web, a user name alone is a token. */
function redactUrl(word: string): string {
  const end = word.lastIndexOf("@");
  if (end === -1 || !word.includes("://")) return word;
  const before = word
    .slice(0, end)
    .replace(/:\/\/([^:/@]*):.+$/s, `://$1:${MASK}`)
    .replace(/(https?:\/\/)[^:/?#@]+$/i, `$1${MASK}`);
  return before + word.slice(end);
}
