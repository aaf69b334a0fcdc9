/** What a key says about its text: a secret, perhaps one, or nothing of the kind. */
export type Naming = "secret" | "suspect" | "plain";

/** Words for a secret, as alternatives of a regular expression. They may be part of a word (`dbpassword`). */
const NOUNS =
  "pass(?:word|wd|phrase|code)s?|pwd|(?<![a-z])pass(?![a-z])|secrets?|(?<![a-z])sig(?:nature)?(?![a-z])|" +
  "(?:access|account|api|encryption|master|private|secret|shared|signing|ssh)[-_. ]?keys?(?:_id)?|" +
  "authorization|cookies?|credentials?|connection[-_. ]?strings?|(?:database|redis)[-_. ]?urls?|" +
  "environment[-_. ]?variables|moolai_session";

/** Words that make it a setting or a count: `token_limit`, `secret_detection`, `signature_check`. */
const SETTINGS =
  "limit(?:s|er|ing)?|detect(?:ion|or|ors)?|check(?:s|er|ing)?|polic(?:y|ies)|modes?|levels?|types?|kinds?|ttl|" +
  "count(?:s|er|ing)?|length|size|min|max|minimum|maximum|rotations?|expir(?:y|es|ation|ed)|lifetime|age|" +
  "scan(?:s|ner|ners|ning)?|filter(?:s|ing)?|mask(?:s|ing)?|redact(?:ion|ed)?|valid(?:ation|ator)?|" +
  "verif(?:y|ication|ied)|enabled|disabled|required|optional|allowed|blocked|actions?|rules?|thresholds?|" +
  "providers?|backends?|stores?|managers?|names?|headers?|format|algorithms?|schemes?|methods?|budgets?|usage|used|" +
  "rates?|windows?|strateg(?:y|ies)|set|status|state|costs?|pric(?:e|ing)|quotas?|percent|ratio|entropy|patterns?|" +
  "severity|sec|secs|seconds|ms|minutes|hours|days|at|optimi[sz](?:ation|er)|file|path|url|uri|endpoint|issuer";

/** Words that may follow and leave it a secret: `password2`, `api_key_old`, `token_value`. */
const VARIANTS =
  "value|text|plain|plaintext|raw|b64|base64|hash|digest|old|new|current|previous|next|primary|secondary|backup|" +
  "prod|production|dev|test|staging|live|main|default|[0-9]+";

/** Keys beside a secret, under a key that names one: `credentials: { type: "oauth" }`. */
const BESIDE = "modes?|levels?|types?|kinds?|polic(?:y|ies)|enabled|disabled|required|actions?|rules?|status|state";

const IS_SECRET = new RegExp(`(?:${NOUNS}|token)(?:_?(?:${VARIANTS}))*$`);
const IS_SETTING = new RegExp(`(?:${NOUNS}|tokens?)_(?:[a-z0-9_]*_)?(?:${SETTINGS})$`);
const HOLDS_NOUN = new RegExp(`${NOUNS}|(?<![a-z])token(?![a-z])`);
const IS_BESIDE = new RegExp(`(?:^|_)(?:${BESIDE})$`);

/** A word for a choice, such as `required`, or a span of time. It is shown where a secret is only suspected. */
const IS_CHOICE = /^(?:[a-z]{1,16}(?:[ _-][a-z]{1,16}){0,2}|\d{1,4} ?(?:ms|s|m|h|d|%))$/;

/** The parts of a name for regular expressions: `NAME` is one for a secret, `SETTING` must not end it. */
export const SECRET_NAME_PARTS = { NAME: `${NOUNS}|token`, SETTING: SETTINGS } as const;

/**
 * A name ends with what it names: `client_secret` is a secret, `secret_detection` a detection. What fits neither
 * (`token_github`) is suspected. `above` is what the key that it stands under says.
 */
export function namingOf(key: string, above: Naming = "plain"): Naming {
  const name = key
    .trim()
    .normalize("NFKC")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
  if (IS_SECRET.test(name)) return "secret";
  if (IS_SETTING.test(name)) return "plain";
  if (above === "secret") return IS_BESIDE.test(name) ? "plain" : "secret";
  return HOLDS_NOUN.test(name) ? "suspect" : above;
}

/** Whether a text under this key is masked as a whole. An empty text only shows that nothing is set. */
export function isSecretText(text: string, naming: Naming): boolean {
  if (text === "" || naming === "plain") return false;
  return naming === "secret" || !IS_CHOICE.test(text);
}
