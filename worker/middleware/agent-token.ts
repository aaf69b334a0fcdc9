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

/** What an agent token claims, for the object of its orchestrator to check; null: it is none, mistyped or made up. */
export function readAgentToken(text: string): AgentCredential | null {
  const token = parseToken(text);
  if (token?.kind !== "agent" || token.orchestratorId === null) return null;
  return { orchestratorId: token.orchestratorId, keyId: token.keyId, digest: digestOf(text) };
}

/** The orchestrator whose valid token this is, or null: then whoever may act is shown that it was refused. */
export async function agentActor(c: AppContext, credential: AgentCredential): Promise<Actor | null> {
  const { orchestratorId, keyId, digest } = credential;
  const known = await orchestratorOf(c.env, orchestratorId).authenticate({ keyId, digest });
  if (!known) {
    noteRefusedToken(c, orchestratorId);
    return null;
  }
  return { kind: "agent", name: orchestratorId, orchestratorId, organizations: [known.organizationId], keyId };
}
