import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** A folded text, as it is searched: see `fold` in common/text.ts. */
export function folded(text: SQLWrapper | string): SQL<string> {
  return sql`fold_text(${text})`;
}

/** Whether a folded text contains this one, in any case and composition of letters. */
export function contains(haystack: SQLWrapper, text: string): SQL {
  return sql`strpos(${haystack}, ${folded(text)}) > 0`;
}

/** Whether a folded text matches this one as a whole, with `*` for any text. */
export function matchesGlob(haystack: SQLWrapper, glob: string): SQL {
  // Escaped after folding, which makes a percent sign of a full-width one.
  return sql`${haystack} LIKE replace(regexp_replace(${folded(glob)}, '([\\\\%_])', '\\\\\\1', 'g'), '*', '%')`;
}
