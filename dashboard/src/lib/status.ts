import type { Status } from "./api.ts";

/** The controller's definition: active if any orchestrator is, independent if all are, otherwise inactive. */
export function organizationStatus(members: readonly { status: Status }[]): Status {
  if (members.some(({ status }) => status === "active")) return "active";
  return members.every(({ status }) => status === "independent") ? "independent" : "inactive";
}

/** The status to show while a change of independence is pending, before the controller has answered. */
export function wishedStatus(known: Status, isIndependent: boolean, isConnected: boolean): Status {
  if (isIndependent) return "independent";
  if (known !== "independent") return known;
  return isConnected ? "active" : "inactive";
}
