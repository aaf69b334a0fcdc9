/** What has no shape, breaks lines or turns the direction of writing: a text with it can look like another one. */
const HIDDEN = String.raw`[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2028\u2029\u2800\ufff9-\ufffb]`;

/** Scripts whose letters are joined or parted by invisible characters, as Persian and Hindi words are. */
const JOINING = `[${[
  "Arab",
  "Syrc",
  "Mong",
  "Nkoo",
  "Deva",
  "Beng",
  "Guru",
  "Gujr",
  "Orya",
  "Taml",
  "Telu",
  "Knda",
  "Mlym",
  "Sinh",
]
  .map((script) => String.raw`\p{sc=${script}}`)
  .join("")}]`;

/** Invisible characters in the places where a script or an emoji needs them. */
const NEEDED = [
  String.raw`(?<=${JOINING})[\u200c\u200d](?=${JOINING})`,
  String.raw`(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}]?)[\ufe0e\ufe0f]`,
  String.raw`(?<=[0-9#*])\ufe0f(?=\u20e3)`,
  String.raw`(?<=\p{sc=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
  String.raw`(?<=\u{1f3f4})[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{2,6}\u{e007f}`,
].join("|");

const HIDDEN_UNLESS_NEEDED = new RegExp(`${NEEDED}|(${HIDDEN})`, "gu");
const HIDDEN_OR_SPACE = new RegExp(`${HIDDEN}|\\s`, "gu");
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Shows hidden characters as an escape, such as `\u202e`, so that a text cannot pretend to be another one. */
export function visibleText(text: string, { keepsLines = false } = {}): string {
  return text.replace(HIDDEN_UNLESS_NEEDED, (match, hidden: string | undefined) => {
    if (hidden === undefined || (keepsLines && (hidden === "\n" || hidden === "\t"))) return match;
    const code = hidden.codePointAt(0)?.toString(16) ?? "";
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** JSON in which hidden characters are escapes as well, so that it still means the same. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(new RegExp(HIDDEN, "gu"), (hidden) =>
    Array.from({ length: hidden.length }, (_, at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
      "",
    ),
  );
}

/** Whether a reader would see nothing: only spaces, zero-width characters, fillers. */
export function isBlank(text: string): boolean {
  return text.replace(HIDDEN_OR_SPACE, "") === "";
}

/**
 * A name from outside as it is shown, or `fallback` where it looks empty. At most four marks stand on one letter, so that
 * no name covers the lines around it. Put it into an element of its own direction: see `nameInText`.
 */
export function displayName(name: string | null | undefined, fallback = ""): string {
  if (!name || isBlank(name)) return fallback;
  return visibleText(name.trim().normalize("NFC")).replace(/(\p{M}{4})\p{M}+/gu, "$1…");
}

/** A name within a sentence, a title or a label: one that is written from right to left does not turn what is around it. */
export function nameInText(name: string | null | undefined, fallback = ""): string {
  const shown = displayName(name, fallback);
  return RIGHT_TO_LEFT.test(shown) ? `\u2068${shown}\u2069` : shown;
}

/** Marks above and below letters of European scripts, Hebrew points and Arabic vowels, and what cannot be seen. */
const UNSOUNDED = new RegExp(
  `[${[
    String.raw`\p{Default_Ignorable_Code_Point}\u0300-\u0344\u0346-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f`,
    String.raw`\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7`,
    String.raw`\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed`,
  ].join("")}]`,
  "gu",
);
/** Letters that have no decomposition, and that are looked for, and sorted, as others. */
const ALIKE: Record<string, string> = {
  ß: "ss",
  ς: "σ",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ħ: "h",
  ł: "l",
  þ: "th",
};

/**
 * What texts are searched and sorted by: blind to case, accents, width, and to how letters are composed. Idempotent.
 * `fold_text` in the database does the same.
 */
export function fold(text: string): string {
  // Over capitals, because some letters have two small forms; over small letters before, because ẞ has no other way to ß.
  const small = text.normalize("NFKD").replace(UNSOUNDED, "").toLowerCase().toUpperCase().toLowerCase();
  return small
    .normalize("NFKD")
    .replace(UNSOUNDED, "")
    .replace(/[ßςæœøđðħłþ]/g, (letter) => ALIKE[letter] ?? letter);
}
