/** A LIKE pattern for "contains this text", with its wildcards taken literally. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}

/** A LIKE pattern for this text as a whole, in which `*` stands for any text. */
export function matchingGlob(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&").replaceAll("*", "%");
}
