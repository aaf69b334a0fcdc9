import { type Actor, coversBinding, coversRole, organizationsOf, type Role } from "../contract/actor.ts";
import { ApiError } from "../middleware/errors.ts";

/** The requested organizations; absent: those of the caller. */
export function bindingOf(actor: Actor, wanted: string[] | null | undefined): string[] | null {
  return wanted === undefined ? organizationsOf(actor) : wanted;
}

/** Nobody grants access to more organizations than they have. */
export function assertMayBind(actor: Actor, organizations: string[] | null): void {
  if (!coversBinding(actor, organizations)) {
    throw new ApiError("forbidden", "You can give or change access only within your own organizations");
  }
}

/** Nobody grants a role above their own. */
export function assertMayGrant(actor: Actor, role: Role): void {
  if (!coversRole(actor, role)) throw new ApiError("forbidden", `You cannot give or change the role ${role}`);
}

/** The organization of a change for the audit, if it is exactly one. */
export function soleOrganization(organizations: string[] | null): string | null {
  const [first, ...others] = organizations ?? [];
  return first !== undefined && others.length === 0 ? first : null;
}
