/** As the controller checks it; ids stand in addresses, log lines and names of objects. */
const ID_PATTERN = /^(?!(?:facets|heartbeats|ids|live)$)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

/** What is wrong with a new id, in words; null: nothing. */
export function idProblem(id: string): string | null {
  if (id === "") return "An id is needed.";
  if (ID_PATTERN.test(id)) return null;
  if (/[^A-Za-z0-9._-]/.test(id)) return "Only letters, digits, dots, underscores and hyphens.";
  if (id.length > 64) return "At most 64 characters.";
  if (/^[^A-Za-z0-9]|[^A-Za-z0-9]$/.test(id)) return "It has to begin and end with a letter or a digit.";
  return `“${id}” is a reserved word.`;
}
