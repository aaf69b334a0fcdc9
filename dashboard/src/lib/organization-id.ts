import { MAX_ID_CHARS, RESERVED_IDS } from "../../../worker/contract/values/ids.ts";
import { isId } from "./id.ts";

/** Why a new ID is not valid; null: it is. */
export function idProblem(id: string): string | null {
  if (id === "") return "Enter an ID.";
  if (RESERVED_IDS.some((word) => word === id)) return `“${id}” is a reserved word.`;
  if (isId(id)) return null;
  if (/[^A-Za-z0-9._-]/.test(id)) return "Use only letters, digits, dots, underscores and hyphens.";
  if (id.length > MAX_ID_CHARS) return `Use at most ${MAX_ID_CHARS} characters.`;
  return "Start and end with a letter or a digit.";
}
