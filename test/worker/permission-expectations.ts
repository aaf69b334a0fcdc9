import type { Role, Scope } from "../../worker/contract/actor.ts";

export interface Expectation {
  public?: true;
  /** The least role and scope, and whether orchestrators may; absent: none. */
  role?: Role;
  scope?: Scope;
  agent?: true;
  /** What somebody permitted gets; 200 when absent. */
  status?: number;
  /** What a caller without a credential gets in development, who is taken for an orchestrator; `status` when absent. */
  development?: number;
  /** What somebody permitted who is bound elsewhere gets; absent: what everybody gets, because it names no target. */
  foreign?: number;
}

const read = { role: "viewer", scope: "read" } as const;
const operate = { role: "operator", scope: "operate" } as const;
const admin = { role: "admin", scope: "admin" } as const;
const person = { role: "viewer" } as const;
const personAdmin = { role: "admin" } as const;
const hidden = { foreign: 404 } as const;
const C = "/api/v1/controller";
const I = "/api/v1/internal";

/** What each role may do, written down by a person. Not derived from the table of permissions, or it would prove nothing. */
export const EXPECTED: Record<string, Expectation> = {
  "GET /health": { public: true },
  [`GET ${C}/health`]: read,
  [`GET ${I}/health`]: { ...read, agent: true },

  [`GET ${I}/auth/methods`]: { public: true },
  [`POST ${I}/auth/login`]: { public: true, status: 401 },
  [`POST ${I}/auth/token-session`]: { public: true, status: 401 },
  [`POST ${I}/auth/accept-link`]: { public: true, status: 401 },
  [`POST ${I}/auth/logout`]: person,
  [`POST ${I}/auth/logout-all`]: person,
  [`GET ${I}/auth/me`]: person,
  // The sessions of this test belong to nobody who has a password.
  [`PUT ${I}/auth/password`]: { ...person, status: 401 },

  [`GET ${C}/organizations`]: read,
  [`GET ${C}/organizations/facets`]: read,
  [`GET ${C}/organizations/ids`]: read,
  [`GET ${C}/organizations/{organization_id}`]: { ...read, ...hidden },
  [`GET ${C}/organizations/{organization_id}/impact`]: { ...read, ...hidden },
  [`POST ${C}/organizations`]: { ...admin, status: 409, foreign: 403 },
  [`PUT ${C}/organizations/{organization_id}`]: { ...admin, ...hidden },
  [`DELETE ${C}/organizations/{organization_id}`]: { ...admin, ...hidden },
  [`GET ${C}/activity`]: read,
  [`GET ${C}/attention`]: read,
  [`GET ${C}/overview`]: read,
  [`GET ${C}/costs`]: read,

  [`GET ${C}/organizations/{organization_id}/config`]: { ...read, ...hidden },
  [`PUT ${C}/organizations/{organization_id}/config`]: { ...operate, ...hidden },
  [`PUT ${C}/organizations/{organization_id}/features`]: { ...operate, ...hidden },
  [`GET ${C}/organizations/{organization_id}/config/revisions`]: { ...read, ...hidden },
  [`GET ${C}/organizations/{organization_id}/config/revisions/{revision}`]: { ...read, ...hidden },
  // Nobody is connected.
  [`POST ${C}/orchestrators/{orchestrator_id}/config/push`]: { ...operate, status: 409, ...hidden },
  [`POST ${I}/orchestrators/{orchestrator_id}/send`]: { ...operate, status: 409, ...hidden },

  [`GET ${C}/orchestrators`]: read,
  [`GET ${C}/orchestrators/live`]: read,
  [`GET ${C}/orchestrators/live/{orchestrator_id}`]: { ...read, status: 404, ...hidden },
  [`GET ${C}/orchestrators/heartbeats`]: read,
  [`GET ${C}/orchestrators/{orchestrator_id}`]: { ...read, ...hidden },
  [`GET ${C}/orchestrators/{orchestrator_id}/activity`]: { ...read, ...hidden },
  [`GET ${C}/orchestrator-instances`]: read,
  [`GET ${C}/orchestrator-instances/live`]: read,
  [`GET ${C}/orchestrator-instances/{orchestrator_id}`]: { ...read, ...hidden },
  [`POST ${C}/orchestrator-instances`]: { ...admin, foreign: 403 },
  [`DELETE ${C}/orchestrator-instances/{orchestrator_id}`]: { ...admin, ...hidden },
  [`GET ${I}/orchestrators`]: read,
  [`GET ${I}/orchestrators/live`]: read,
  // To make something in another organization is refused, whether there is such an organization or not.
  [`POST ${I}/orchestrators/register`]: { ...admin, agent: true, foreign: 403 },
  [`DELETE ${I}/orchestrators/{orchestrator_id}/deregister`]: { ...admin, agent: true, ...hidden },
  [`POST ${I}/orchestrators/heartbeat`]: { ...operate, agent: true, ...hidden },
  [`GET ${I}/orchestrators/{orchestrator_id}/independence`]: { ...read, agent: true, ...hidden },
  [`PUT ${I}/orchestrators/{orchestrator_id}/independence`]: { ...operate, agent: true, ...hidden },

  [`GET ${I}/messages`]: read,
  [`GET ${I}/orchestrators/{orchestrator_id}/messages`]: { ...read, agent: true, ...hidden },
  [`POST ${I}/orchestrators/{orchestrator_id}/messages`]: { ...operate, agent: true, ...hidden },
  [`PUT ${I}/messages/{message_id}/status`]: { ...operate, agent: true, ...hidden },

  [`GET ${C}/orchestrators/{orchestrator_id}/tokens`]: { ...read, ...hidden },
  [`POST ${C}/orchestrators/{orchestrator_id}/tokens`]: { ...admin, ...hidden },
  [`DELETE ${C}/orchestrators/{orchestrator_id}/tokens/{key_id}`]: { ...admin, ...hidden },
  // It follows a token that is presented.
  [`POST ${I}/orchestrators/{orchestrator_id}/tokens`]: { agent: true, development: 403, ...hidden },
  [`GET ${C}/organizations/{organization_id}/join-tokens`]: { ...admin, ...hidden },
  [`POST ${C}/organizations/{organization_id}/join-tokens`]: { ...admin, ...hidden },
  [`DELETE ${C}/organizations/{organization_id}/join-tokens/{key_id}`]: { ...admin, ...hidden },
  // Nobody here presents a join token.
  [`POST ${I}/orchestrators/join`]: { public: true, status: 401 },

  [`GET ${C}/api-tokens`]: personAdmin,
  [`POST ${C}/api-tokens`]: { ...personAdmin, foreign: 403 },
  [`DELETE ${C}/api-tokens/{key_id}`]: { ...personAdmin, ...hidden },
  [`GET ${C}/users`]: personAdmin,
  [`POST ${C}/users`]: { ...personAdmin, foreign: 403 },
  [`PUT ${C}/users/{user_id}`]: { ...personAdmin, ...hidden },
  [`POST ${C}/users/{user_id}/links`]: { ...personAdmin, ...hidden },
  [`POST ${C}/users/{user_id}/end-sessions`]: { ...personAdmin, ...hidden },

  [`GET ${C}/login-throttles`]: personAdmin,
  // Nobody is throttled.
  [`POST ${C}/login-throttles/lift`]: { ...personAdmin, status: 404 },

  [`GET ${C}/audit`]: admin,
  [`GET ${C}/audit/facets`]: admin,
  [`GET ${C}/logs`]: read,
  [`GET ${I}/logs`]: read,
  // No upgrade is asked for; who asks for one and what they see then is in stream-access.test.ts.
  "GET /api/v1/stream": { ...read, status: 426 },
};
