import type { Status } from "./api.ts";

/** As the controller defines it: active if any is, else independent if all are, else inactive. */
export function organizationStatus(members: readonly { status: Status }[]): Status {
  if (members.some(({ status }) => status === "active")) return "active";
  return members.every(({ status }) => status === "independent") ? "independent" : "inactive";
}

/** What a badge says while a wish about independence is on its way: what follows from it is the controller's to say. */
export function wishedStatus(told: Status, isIndependent: boolean, isConnected: boolean): Status {
  if (isIndependent) return "independent";
  if (told !== "independent") return told;
  return isConnected ? "active" : "inactive";
}
