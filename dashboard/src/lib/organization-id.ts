import { isId } from "./id.ts";

/** Words in the place of an id in addresses of the API. */
const RESERVED = ["facets", "heartbeats", "ids", "live"];

/** What is wrong with a new id, in words; null: nothing. */
export function idProblem(id: string): string | null {
  if (id === "") return "An id is needed.";
  if (RESERVED.includes(id)) return `“${id}” is a reserved word.`;
  if (isId(id)) return null;
  if (/[^A-Za-z0-9._-]/.test(id)) return "Only letters, digits, dots, underscores and hyphens.";
  if (id.length > 64) return "At most 64 characters.";
  return "It has to begin and end with a letter or a digit.";
}
