import { z } from "zod";
import { ROLES, SCOPES } from "./values/access.ts";

export const role = z.enum(ROLES).meta({ description: "The role of a person; each includes the previous ones" });
export type Role = z.infer<typeof role>;

export const scope = z.enum(SCOPES).meta({ description: "The scope of an API token; each includes the previous ones" });
export type Scope = z.infer<typeof scope>;

/** The caller, an argument of every query. `organizations` null: it sees all. */
export type Actor =
  | { kind: "anonymous" }
  | {
      kind: "agent";
      name: string;
      orchestratorId: string | null;
      organizations: string[] | null;
      /** The key id of the presented token. */
      keyId?: string;
    }
  | { kind: "user"; name: string; role: Role; organizations: string[] | null }
  | { kind: "token"; name: string; scopes: readonly Scope[]; organizations: string[] | null };

/** The actor of an API token. Several tokens may share a name. */
export function apiTokenActor(token: {
  keyId: string;
  name: string;
  scopes: readonly Scope[];
  organizations: string[] | null;
}): Actor {
  const { keyId, name, scopes, organizations } = token;
  return { kind: "token", name: `${name} (${keyId})`, scopes, organizations };
}

/** The length of its column. */
const MAX_ACTOR_CHARS = 255;

/** The name of the actor in logs, audit rows, and as a maker. */
export function actorName(actor: Actor): string {
  if (actor.kind === "anonymous") return "anonymous";
  return `${actor.kind}:${actor.name}`.slice(0, MAX_ACTOR_CHARS).toWellFormed();
}

/** The organizations the actor is bound to, or null for all. */
export function organizationsOf(actor: Actor): string[] | null {
  return actor.kind === "anonymous" ? [] : actor.organizations;
}

/** Whether the actor covers this binding: nobody grants more than they have. */
export function coversBinding(actor: Actor, organizations: string[] | null): boolean {
  const own = organizationsOf(actor);
  return own === null || (organizations?.every((id) => own.includes(id)) ?? false);
}

/** Whether the actor is a person of this role or a higher one. */
export function coversRole(actor: Actor, wanted: Role): boolean {
  return actor.kind === "user" && ROLES.indexOf(actor.role) >= ROLES.indexOf(wanted);
}

/** Whether the actor is bound to anything narrower than the whole fleet. */
export function isBound(actor: Actor): boolean {
  return organizationsOf(actor) !== null || (actor.kind === "agent" && actor.orchestratorId !== null);
}

/** Whether the actor may see this orchestrator. */
export function maySee(actor: Actor, target: { orchestratorId: string; organizationId: string }): boolean {
  const organizations = organizationsOf(actor);
  if (organizations !== null && !organizations.includes(target.organizationId)) return false;
  return actor.kind !== "agent" || actor.orchestratorId === null || actor.orchestratorId === target.orchestratorId;
}

/** The caller of a change, for its audit row. */
export interface AuditContext {
  actor: string;
  ip: string | null;
  userAgent: string | null;
  requestId: string;
}
