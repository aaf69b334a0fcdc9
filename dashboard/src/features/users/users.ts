import type { components } from "../../lib/api-schema.d.ts";
import { readPage } from "../../lib/page.ts";

export type UserEntry = components["schemas"]["User"];
export type Role = UserEntry["role"];

export const ROLES: readonly Role[] = ["superadmin", "admin", "operator", "viewer"];

export const ROLE_WORDS: Record<Role, string> = {
  superadmin: "Superadmin",
  admin: "Admin",
  operator: "Operator",
  viewer: "Viewer",
};

export const ROLE_HINTS: Record<Role, string> = {
  superadmin: "May do everything, in every organization",
  admin: "May also add and delete organizations, and manage users and tokens",
  operator: "May also decide messages, switch independence and publish configurations",
  viewer: "Sees, and changes nothing",
};

/** Whether somebody with a role may give another one, or change who has it: nobody reaches above their own. */
export function mayGive(own: Role | undefined, role: Role): boolean {
  return own !== undefined && ROLES.indexOf(own) <= ROLES.indexOf(role);
}

export interface UsersView {
  q: string;
  role: Role | null;
  page: number;
}

type Params = Partial<Record<string, string | string[]>>;

/** Reads an address that anybody may have written. */
export function readUsersView({ q, role, page }: Params): UsersView {
  return {
    q: typeof q === "string" ? q.trim().slice(0, 255) : "",
    role: ROLES.find((known) => known === role) ?? null,
    page: readPage(page),
  };
}
