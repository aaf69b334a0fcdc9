import { type Actor, coversBinding, coversRole, type Role, type Scope } from "./actor.ts";
import { permits } from "./permissions.ts";
import type { Millis } from "./presence.ts";

/** The stored access of the maker of a credential. null: there is no such maker (any more). */
export interface MakerFacts {
  /** `user:NAME`, or `token:NAME (KEY ID)`. */
  createdBy: string | null;
  token: {
    createdBy: string;
    name: string;
    scopes: Scope[];
    organizations: string[] | null;
    expiresAt: Millis | null;
    isRevoked: boolean;
  } | null;
  /** The person who made the credential, or the API token that made it. */
  person: { name: string; isActive: boolean; role: Role; organizations: string[] | null } | null;
}

/** A credential that ends with its maker (docs/design.md#credentials). */
export type MadeCredential =
  | { kind: "api_token"; organizations: string[] | null }
  | { kind: "join_token"; organizationId: string }
  /** `role` and `organizations` are those of the person whose password it sets, as they are now. */
  | { kind: "link"; role: Role; organizations: string[] | null };

const ENDED: Actor = { kind: "anonymous" };

/** The rule: a credential is good as long as its maker could make it now. */
export function isMakerGood(made: MadeCredential, maker: MakerFacts, now: Millis): boolean {
  return couldMake(makerActor(maker, now), made);
}

/** Whether this actor could make this credential now. */
export function couldMake(actor: Actor, made: MadeCredential): boolean {
  switch (made.kind) {
    case "api_token":
      return permits(actor, "api_token.manage") && coversBinding(actor, made.organizations);
    case "join_token":
      return permits(actor, "join_token.manage") && coversBinding(actor, [made.organizationId]);
    case "link":
      return permits(actor, "user.manage") && coversRole(actor, made.role) && coversBinding(actor, made.organizations);
  }
}

/** The maker as an actor; anonymous when they have ended. An API token ends with its own maker. */
function makerActor({ createdBy, token, person }: MakerFacts, now: Millis): Actor {
  const human: Actor = person?.isActive ? { kind: "user", ...person } : ENDED;
  if (!createdBy?.startsWith("token:")) return human;
  if (!token || token.isRevoked || (token.expiresAt !== null && token.expiresAt <= now)) return ENDED;
  if (!couldMake(human, { kind: "api_token", organizations: token.organizations })) return ENDED;
  return { kind: "token", name: token.name, scopes: token.scopes, organizations: token.organizations };
}
