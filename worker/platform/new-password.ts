import type { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { hashPassword } from "./passwords.ts";

/** Guesses that a password must withstand, as a power of ten; the estimator calls that "very strong". */
const LEAST_GUESSES_LOG10 = 10;
/** What follows can only make it stronger, and a long one would cost too much time. */
const MOST_JUDGED_CHARS = 100;
/** What somebody here tries first, beside the person's own name: no word of these makes a password stronger. */
const EXPECTED_WORDS = [
  ...["moolai", "controller", "orchestrator"],
  ..."january february march april may june july august september october november december".split(" "),
  ..."monday tuesday wednesday thursday friday saturday sunday spring summer autumn fall winter".split(" "),
];
const LEAST_WORD_CHARS = 3;
/** Characters that stand for a letter. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: "a4@",
  e: "e3",
  i: "i1!|",
  l: "l1|",
  o: "o0",
  s: "s5$",
  t: "t7+",
};
const ADVICE = "Use four or five words that belong together for you alone, or let a password manager make one.";

const EXPECTED = "It is mostly your name, the name of this product, or months and days.";
/** What the estimator found, in a sentence. What is not here is told as easy to guess. */
const REASONS: Readonly<Record<string, string>> = {
  simpleRepeat: "It repeats the same characters.",
  extendedRepeat: "It repeats the same characters.",
  sequences: "It follows the alphabet, the numbers or the calendar.",
  straightRow: "It follows the rows of the keyboard.",
  keyPattern: "It follows the rows of the keyboard.",
  topTen: "It is one of the passwords that everybody tries first.",
  topHundred: "It is one of the passwords that everybody tries first.",
  common: "It is one of the passwords that everybody tries first.",
  similarToCommon: "It is close to one of the passwords that everybody tries first.",
};

export type NewPassword = { ok: true; hash: string } | { ok: false; problem: string };

/** The one way to a hash that is stored: refuses a password that is easy to guess, with a sentence that says what to do. */
export async function hashNewPassword(password: string, username: string): Promise<NewPassword> {
  const problem = await weaknessOf(password, username);
  return problem === null ? { ok: true, hash: await hashPassword(password) } : { ok: false, problem };
}

/** Why a password is easy to guess, or null. Its length is judged before, by the contract. */
export async function weaknessOf(password: string, username: string): Promise<string | null> {
  estimator ??= await makeEstimator();
  // Compatibility forms are the same password when it is verified.
  const text = password.normalize("NFKC");
  const rest = text.replace(wordsPattern([...wordsOf(username), ...EXPECTED_WORDS]), "");
  const { guessesLog10, feedback } = estimator.check(text);
  const isExpected = rest !== text && estimator.check(rest).guessesLog10 < LEAST_GUESSES_LOG10;
  if (!isExpected && guessesLog10 >= LEAST_GUESSES_LOG10) return null;
  const reason = isExpected ? EXPECTED : (REASONS[feedback.warning ?? ""] ?? "It is made of few, common parts.");
  return `is too easy to guess. ${reason} ${ADVICE}`;
}

let estimator: ZxcvbnFactory | undefined;

/** Its words are loaded with the first password that is set: a login pays nothing for them. */
async function makeEstimator(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory: Factory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  return new Factory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: MOST_JUDGED_CHARS,
  });
}

/** `ada.lovelace@example.com`: the whole and its parts. */
function wordsOf(username: string): string[] {
  return [username, ...username.split(/[^\p{L}\p{N}]+/u)].map((word) => word.toLowerCase());
}

/** Any of these words in any case, forwards or backwards, with characters that look alike. */
function wordsPattern(words: string[]): RegExp {
  const all = words
    .filter((word) => word.length >= LEAST_WORD_CHARS)
    .flatMap((word) => [word, [...word].reverse().join("")]);
  const longestFirst = all.toSorted((one, other) => other.length - one.length);
  return new RegExp(longestFirst.map((word) => [...word].map(classOf).join("")).join("|"), "giu");
}

function classOf(letter: string): string {
  return `[${(LOOKALIKES[letter] ?? letter).replaceAll(/[\\\]^-]/g, "\\$&")}]`;
}
