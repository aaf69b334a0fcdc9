import type { Actor } from "../contract/actor.ts";
import type { PresentedCredential } from "../contract/credentials.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { parseToken } from "../platform/tokens.ts";
import type { AppContext } from "./app-env.ts";
import { digestOf } from "./credentials.ts";
import { noteRefusedToken } from "./refused-agents.ts";

export interface AgentCredential extends PresentedCredential {
  orchestratorId: string;
}

/** The claim of an agent token, which the object of its orchestrator checks; null: mistyped or made up. */
export function readAgentToken(text: string): AgentCredential | null {
  const token = parseToken(text);
  if (token?.kind !== "agent" || token.orchestratorId === null) return null;
  return { orchestratorId: token.orchestratorId, keyId: token.keyId, digest: digestOf(text) };
}

/** The orchestrator of a valid token, or null. A refused token is shown to the people who can act on it. */
export async function agentActor(c: AppContext, credential: AgentCredential): Promise<Actor | null> {
  const { orchestratorId, keyId, digest } = credential;
  const known = await orchestratorOf(c.env, orchestratorId).authenticate({ keyId, digest });
  if (!known) {
    noteRefusedToken(c, orchestratorId);
    return null;
  }
  return { kind: "agent", name: orchestratorId, orchestratorId, organizations: [known.organizationId], keyId };
}
