import type { Actor } from "../contract/actor.ts";
import type { PresentedCredential } from "../contract/credentials.ts";
import type { RefusalSource } from "../contract/refusals.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { parseToken } from "../tokens.ts";
import { digestOf } from "./credentials.ts";

export interface AgentCredential extends PresentedCredential {
  orchestratorId: string;
}

/** What an agent token claims, for the object of its orchestrator to check; null: it is none, mistyped or made up. */
export async function readAgentToken(text: string): Promise<AgentCredential | null> {
  const token = parseToken(text);
  if (token?.kind !== "agent" || token.orchestratorId === null) return null;
  return { orchestratorId: token.orchestratorId, keyId: token.keyId, digest: await digestOf(text) };
}

/** The orchestrator whose valid token this is, or null. */
export async function agentActor(env: Env, text: string, source: RefusalSource): Promise<Actor | null> {
  const credential = await readAgentToken(text);
  if (!credential) return null;
  const { orchestratorId, keyId, digest } = credential;
  const known = await orchestratorOf(env, orchestratorId).authenticate({ keyId, digest }, source);
  if (!known) return null;
  return { kind: "agent", name: orchestratorId, orchestratorId, organizations: [known.organizationId], keyId };
}
