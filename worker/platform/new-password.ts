import type { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { hashPassword } from "./passwords.ts";

/** The power of ten of the guesses that a password must withstand; the estimator calls it "very strong". */
const LEAST_GUESSES_LOG10 = 10;
/** The rest of a long password is not judged: it can only add strength and would cost too much time. */
const MOST_JUDGED_CHARS = 100;
/** Words that an attacker tries first, beside the person's own name. None of them makes a password stronger. */
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
/** Sentences for the findings of the estimator. A finding without one counts as easy to guess. */
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

/** The only function that makes a stored hash. It refuses a password that is easy to guess. */
export async function hashNewPassword(password: string, username: string): Promise<NewPassword> {
  const problem = await weaknessOf(password, username);
  return problem === null ? { ok: true, hash: await hashPassword(password) } : { ok: false, problem };
}

/** Why a password is easy to guess, or null. The contract has checked its length. */
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

/** The word lists are loaded when the first password is set, so a login does not pay for them. */
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

/** Matches these words in any case, forwards or backwards, with characters that look alike. */
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
