import { z } from "zod";
import { type Role, role } from "../contract/actor.ts";
import { organizationId } from "../contract/ids.ts";
import { ROLES } from "../contract/values/access.ts";
import { ID_PATTERN } from "../contract/values/ids.ts";

/** The claims about a person, of the ID token and of the userinfo endpoint. */
export type Claims = Readonly<Record<string, unknown>>;

/** Maps people to access. `organizations`: all, these, or the ids that another claim lists. */
export interface AccessRule {
  claim: string;
  value: string;
  role: Role;
  organizations: "all" | readonly string[] | { claim: string };
}

export interface Access {
  role: Role;
  organizations: string[] | null;
}

/**
 * `groups_left_out`: the provider says that it did not list the groups. `claims_missing`: it sent no claim that a
 * rule looks at, for example after a scope was removed there. Neither means that the person has lost their groups.
 */
export type NoAccess = { refused: "no_group" | "groups_left_out" | "claims_missing" };

const name = z.string().trim().min(1).max(255);
const MAX_ORGANIZATIONS = 100;

const rule = z
  .strictObject({
    group: name.optional(),
    claim: name.optional(),
    value: name.optional(),
    role,
    organizations: z
      .union([z.literal("all"), z.array(organizationId).min(1).max(MAX_ORGANIZATIONS), z.strictObject({ claim: name })])
      .optional(),
  })
  .check((context) => {
    const { group, claim, value, role: wanted, organizations } = context.value;
    const fail = (message: string) => context.issues.push({ code: "custom", message, input: context.value });
    const namesGroup = group !== undefined && claim === undefined && value === undefined;
    const namesClaim = group === undefined && claim !== undefined && value !== undefined;
    if (!namesGroup && !namesClaim) fail('needs either "group", or "claim" and "value"');
    if (wanted === "superadmin") {
      if (organizations !== undefined && organizations !== "all") fail("a superadmin is not bound to organizations");
    } else if (organizations === undefined) {
      fail('needs "organizations": a list of ids, "all", or {"claim": …}');
    }
  });

/** `OIDC_ROLE_MAP`, as JSON. A rule with `group` looks at the claim of the groups. */
export function roleMap(groupsClaim: string) {
  return z
    .array(rule)
    .min(1)
    .max(200)
    .transform((rules) =>
      rules.map(
        ({ group, claim, value, role: given, organizations = "all" }): AccessRule => ({
          claim: claim ?? groupsClaim,
          value: group ?? value ?? "",
          role: given,
          organizations,
        }),
      ),
    );
}

/**
 * The access that the rules grant. Of several matching rules, the highest role counts, with the organizations of the
 * rules that grant it, so that nobody gets a role in an organization for which no rule grants it.
 */
export function accessOf(claims: Claims, rules: readonly AccessRule[]): Access | NoAccess {
  const fitting = rules
    .filter(({ claim, value }) => textsOf(claims, claim).includes(value))
    .map((found) => ({ role: found.role, organizations: organizationsOf(claims, found.organizations) }))
    .filter(({ organizations }) => organizations === null || organizations.length > 0);
  const highest = ROLES.findLast((wanted) => fitting.some(({ role: given }) => given === wanted));
  if (highest === undefined) {
    if (rules.some(({ claim }) => isLeftOut(claims, claim))) return { refused: "groups_left_out" };
    const isSilent = rules.every(({ claim }) => claimOf(claims, claim) === undefined);
    return { refused: isSilent ? "claims_missing" : "no_group" };
  }
  const bindings = fitting.filter(({ role: given }) => given === highest).map(({ organizations }) => organizations);
  if (bindings.includes(null)) return { role: highest, organizations: null };
  return { role: highest, organizations: [...new Set(bindings.flatMap((ids) => ids ?? []))].sort() };
}

/** Whether a claim that the rules look at is missing, so that the userinfo endpoint is asked. */
export function lacksClaims(claims: Claims, rules: readonly AccessRule[]): boolean {
  const names = rules.flatMap(({ claim, organizations }) =>
    typeof organizations === "object" && "claim" in organizations ? [claim, organizations.claim] : [claim],
  );
  if (names.includes("email")) names.push("email_verified");
  return names.some((wanted) => claimOf(claims, wanted) === undefined);
}

function organizationsOf(claims: Claims, given: AccessRule["organizations"]): string[] | null {
  if (given === "all") return null;
  if (!("claim" in given)) return [...given];
  return textsOf(claims, given.claim)
    .filter((id) => ID_PATTERN.test(id))
    .slice(0, MAX_ORGANIZATIONS);
}

/** The texts of a claim: providers send one group as plain text, and several as a list. */
function textsOf(claims: Claims, claim: string): string[] {
  if (claim === "email" && !isEmailVerified(claims)) return [];
  const value = claimOf(claims, claim);
  const values = Array.isArray(value) ? value : [value];
  return values.flatMap((item) => {
    if (typeof item === "string") return [item];
    return typeof item === "boolean" || typeof item === "number" ? [String(item)] : [];
  });
}

/**
 * An email address counts only when the provider has verified it; any other was only typed. Some providers send the
 * flag as text.
 */
export function isEmailVerified({ email_verified }: Claims): boolean {
  return email_verified === true || email_verified === "true";
}

/** A claim by its name, which may contain dots, or else by a path: Keycloak keeps roles in `realm_access.roles`. */
function claimOf(claims: Claims, claim: string): unknown {
  if (Object.hasOwn(claims, claim)) return claims[claim];
  let value: unknown = claims;
  for (const step of claim.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** Entra ID replaces a list of more than 200 groups by a pointer to where they could be read. */
function isLeftOut(claims: Claims, claim: string): boolean {
  const pointers = claims._claim_names;
  if (typeof pointers === "object" && pointers !== null && Object.hasOwn(pointers, claim)) return true;
  return claim === "groups" && claims.hasgroups === true;
}
