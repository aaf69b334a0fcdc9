/** By the target of `run.mjs`. */
export const USAGE: Readonly<Record<string, string>>;
