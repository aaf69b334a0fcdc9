import { ROLES } from "../../../../worker/contract/values/access.ts";
import { MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { readPage } from "../../lib/page.ts";

export type UserEntry = components["schemas"]["User"];
export type Role = UserEntry["role"];

/** In the order in which they are offered: the most powerful first. */
export const ROLES_OFFERED: readonly Role[] = ROLES.toReversed();

export const ROLE_WORDS: Record<Role, string> = {
  superadmin: "Superadmin",
  admin: "Admin",
  operator: "Operator",
  viewer: "Viewer",
};

export const ROLE_HINTS: Record<Role, string> = {
  superadmin: "Full access to every organization",
  admin: "Also adds and deletes organizations, and manages users and tokens",
  operator: "Also decides on messages, changes independence and publishes configurations",
  viewer: "Read-only access",
};

/** Whether a user with role `own` may grant `role`, or change a user who has it: no one can exceed their own role. */
export function mayGive(own: Role | undefined, role: Role): boolean {
  return own !== undefined && ROLES.indexOf(own) >= ROLES.indexOf(role);
}

export interface UsersView {
  q: string;
  role: Role | null;
  page: number;
}

type Params = Partial<Record<string, string | string[]>>;

/** Reads the view from the address, which is untrusted. */
export function readUsersView({ q, role, page }: Params): UsersView {
  return {
    q: typeof q === "string" ? q.trim().slice(0, MAX_NAME_CHARS) : "",
    role: ROLES.find((known) => known === role) ?? null,
    page: readPage(page),
  };
}
