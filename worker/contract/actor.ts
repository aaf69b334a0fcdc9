import { z } from "zod";

/** Roles of people, from the least to the most powerful (DESIGN §8). */
export const ROLES = ["viewer", "operator", "admin", "superadmin"] as const;
export const role = z.enum(ROLES).meta({ description: "What a person may do; each role includes those before it" });
export type Role = z.infer<typeof role>;

/** Who is asking. `organizations` null: not bound to any, sees all. An argument of every query (DESIGN §8). */
export type Actor =
  | { kind: "anonymous" }
  | { kind: "agent"; name: string; orchestratorId: string | null; organizations: string[] | null }
  | { kind: "user"; name: string; role: Role; organizations: string[] | null };

/** Who may call a route: everyone, orchestrators, or people of at least this role. */
export type Access = "public" | "agent" | Exclude<Role, "superadmin">;

/** How the actor appears in logs and audit rows. */
export function actorName(actor: Actor): string {
  return actor.kind === "anonymous" ? "anonymous" : `${actor.kind}:${actor.name}`;
}

/** Whether the actor meets one of the requirements. */
export function mayAccess(actor: Actor, allowed: readonly Access[]): boolean {
  return allowed.some((access) => {
    if (access === "public") return true;
    if (access === "agent") return actor.kind === "agent";
    return actor.kind === "user" && ROLES.indexOf(actor.role) >= ROLES.indexOf(access);
  });
}

/** The organizations the actor is bound to, or null for all. */
export function organizationsOf(actor: Actor): string[] | null {
  return actor.kind === "anonymous" ? [] : actor.organizations;
}

/** Whether the actor is bound to anything narrower than the whole fleet. */
export function isBound(actor: Actor): boolean {
  return organizationsOf(actor) !== null || (actor.kind === "agent" && actor.orchestratorId !== null);
}

/** Whether the actor may know of this orchestrator at all. */
export function maySee(actor: Actor, target: { orchestratorId: string; organizationId: string }): boolean {
  const organizations = organizationsOf(actor);
  if (organizations !== null && !organizations.includes(target.organizationId)) return false;
  return actor.kind !== "agent" || actor.orchestratorId === null || actor.orchestratorId === target.orchestratorId;
}
