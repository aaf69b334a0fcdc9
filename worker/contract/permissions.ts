import type { Actor, Role, Scope } from "./actor.ts";
import { ROLES, SCOPES } from "./values/access.ts";

/** Who holds a permission. Anyone not named here does not. */
interface Grant {
  /** The least role of people. */
  role?: Role;
  /** The least scope of API tokens. */
  scope?: Scope;
  /** Orchestrators, for themselves alone. */
  agent?: true;
  /** Everyone, without authentication. */
  public?: true;
}

const READ = { role: "viewer", scope: "read" } as const satisfies Grant;
const OPERATE = { role: "operator", scope: "operate" } as const satisfies Grant;
const ADMIN = { role: "admin", scope: "admin" } as const satisfies Grant;
/** People only: a token must neither become a person nor create tokens. */
const PEOPLE = { role: "viewer" } as const satisfies Grant;
const PEOPLE_ADMIN = { role: "admin" } as const satisfies Grant;

/** Everything a route can require. */
export const PERMISSIONS = {
  "agent_token.read": READ,
  "agent_token.manage": ADMIN,
  "agent_token.rotate": { agent: true },
  "api_token.manage": PEOPLE_ADMIN,
  "audit.read": ADMIN,
  "config.read": READ,
  "config.publish": OPERATE,
  "health.probe": { public: true },
  "health.read": READ,
  "health.count": { ...READ, agent: true },
  "independence.read": { ...READ, agent: true },
  "independence.set": { ...OPERATE, agent: true },
  "join_token.manage": ADMIN,
  "log.read": READ,
  "message.list": READ,
  "message.read": { ...READ, agent: true },
  "message.send": { ...OPERATE, agent: true },
  "message.decide": { ...OPERATE, agent: true },
  "orchestrator.read": READ,
  "orchestrator.create": ADMIN,
  "orchestrator.delete": ADMIN,
  "orchestrator.register": { ...ADMIN, agent: true },
  "orchestrator.deregister": { ...ADMIN, agent: true },
  "orchestrator.heartbeat": { ...OPERATE, agent: true },
  /** The route itself checks the join token in the header. */
  "orchestrator.join": { public: true },
  "orchestrator.send": OPERATE,
  "organization.read": READ,
  "organization.create": ADMIN,
  "organization.update": ADMIN,
  "organization.delete": ADMIN,
  "session.open": { public: true },
  "session.own": PEOPLE,
  "statistics.read": READ,
  "stream.follow": READ,
  "user.read": PEOPLE_ADMIN,
  "user.manage": PEOPLE_ADMIN,
} as const satisfies Record<string, Grant>;

export type Permission = keyof typeof PERMISSIONS;

function grantOf(permission: Permission): Grant {
  return PERMISSIONS[permission];
}

export function isPublic(permission: Permission): boolean {
  return grantOf(permission).public === true;
}

export function isForAgents(permission: Permission): boolean {
  return grantOf(permission).agent === true;
}

/** Whether the actor has the permission. Its bindings decide for which things. */
export function permits(actor: Actor, permission: Permission): boolean {
  const grant = grantOf(permission);
  if (grant.public) return true;
  switch (actor.kind) {
    case "anonymous":
      return false;
    case "agent":
      return grant.agent === true;
    case "user":
      return includes(ROLES, actor.role, grant.role);
    case "token":
      return actor.scopes.some((scope) => includes(SCOPES, scope, grant.scope));
  }
}

function includes<T>(ranks: readonly T[], held: T, needed: T | undefined): boolean {
  return needed !== undefined && ranks.indexOf(held) >= ranks.indexOf(needed);
}

/** The permission in words, for the documentation of a route. */
export function describePermission(permission: Permission): string {
  const grant = grantOf(permission);
  if (grant.public) return "Access: public.";
  const who = [
    grant.role,
    grant.scope && `an API token with the scope ${grant.scope}`,
    grant.agent && "the orchestrator itself",
  ];
  return `Access: ${who.filter(Boolean).join(", or ")}.`;
}
