import type { JsonObject } from "./contract/json.ts";
import { MAX_JSON_DEPTH } from "./contract/limits.ts";

const MASK = "…";
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
const SECRET_NAMES =
  "pass(?:word|wd|phrase|code)|pwd|(?<![a-z])pass(?![a-z])|secret|(?<![a-z])sig(?:nature)?(?![a-z])|" +
  "(?:access|account|api|encryption|master|private|shared|signing)[-_. ]?key|authorization|cookie|credential|" +
  "connection[-_. ]?string|(?:database|redis)[-_. ]?url|environment[-_. ]?variables|moolai_session";
/** `max_tokens` names none. */
const SECRET_KEY = new RegExp(`${SECRET_NAMES}|token$`, "i");
/** How an API token is called as an actor: its name and its key id are no secret, although they stand behind `token:`. */
const TOKEN_ACTOR = /^token:(\S.*)( \([0-9A-Za-z]{10}\))$/;
const ASSIGNMENT = new RegExp(
  String.raw`((?:${SECRET_NAMES}|token)[A-Za-z0-9_-]{0,32}(?:["'] ?: ?|=|: ?)(?!(?:Bearer|Basic) +${MASK}))(?:"[^"]*"?|'[^']*'?|[^\s&;,"'])+`,
  "gi",
);

/**
 * Takes the secrets out of what goes to the log, the activity and the audit, and out of what orchestrators tell of
 * themselves: our tokens, `Authorization` values, passwords in URLs, whatever stands under a name for a secret, and what
 * is nested too deep to be looked at. Pure, never throws, never makes text longer, and once is as good as twice. Configuration on its way to an
 * orchestrator does not pass here: it arrives as it was published.
 */
export function redact(value: string): string;
export function redact(value: JsonObject): JsonObject;
export function redact(value: unknown): unknown;
export function redact(value: unknown): unknown {
  return redactAt(value, 0);
}

function redactAt(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return MASK;
  if (Array.isArray(value)) return value.map((entry) => redactAt(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      redactText(key),
      namesSecret(key) && isSet(entry) ? MASK : redactAt(entry, depth + 1),
    ]),
  );
}

function namesSecret(key: string): boolean {
  return SECRET_KEY.test(key.trim());
}

/** Whether there is one, and how something is switched, is no secret. */
function isSet(value: unknown): boolean {
  return value !== null && value !== undefined && typeof value !== "boolean";
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
