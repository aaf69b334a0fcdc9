import { type Actor, coversBinding, coversRole, organizationsOf, type Role } from "../contract/actor.ts";
import { ApiError } from "../middleware/errors.ts";

/** The binding that was asked for; absent: that of the caller. */
export function bindingOf(actor: Actor, wanted: string[] | null | undefined): string[] | null {
  return wanted === undefined ? organizationsOf(actor) : wanted;
}

/** Nobody gives access to more organizations than they have themselves. */
export function assertMayBind(actor: Actor, organizations: string[] | null): void {
  if (!coversBinding(actor, organizations)) {
    throw new ApiError("forbidden", "You can give or change access only within your own organizations");
  }
}

/** Nobody gives a role above their own. */
export function assertMayGrant(actor: Actor, role: Role): void {
  if (!coversRole(actor, role)) throw new ApiError("forbidden", `You cannot give or change the role ${role}`);
}

/** The organization that a change belongs to in the audit, if it is one alone. */
export function soleOrganization(organizations: string[] | null): string | null {
  const [first, ...others] = organizations ?? [];
  return first !== undefined && others.length === 0 ? first : null;
}
