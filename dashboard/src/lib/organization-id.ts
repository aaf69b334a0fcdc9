import { MAX_ID_CHARS, RESERVED_IDS } from "../../../worker/contract/values/ids.ts";
import { isId } from "./id.ts";

/** What is wrong with a new id, in words; null: nothing. */
export function idProblem(id: string): string | null {
  if (id === "") return "An id is needed.";
  if (RESERVED_IDS.some((word) => word === id)) return `“${id}” is a reserved word.`;
  if (isId(id)) return null;
  if (/[^A-Za-z0-9._-]/.test(id)) return "Only letters, digits, dots, underscores and hyphens.";
  if (id.length > MAX_ID_CHARS) return `At most ${MAX_ID_CHARS} characters.`;
  return "It has to begin and end with a letter or a digit.";
}
