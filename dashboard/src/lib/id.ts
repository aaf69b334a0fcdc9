import { ID_PATTERN } from "../../../worker/contract/values/ids.ts";

/** Whether this is a valid ID of an organization or orchestrator, by the controller's rule. */
export function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}
