import type { PresentedCredential } from "../contract/credentials.ts";
import { digestOf } from "../middleware/credentials.ts";
import { newToken } from "../tokens.ts";

/** A new agent token: the text for the answer, and what the object keeps of it. */
export async function makeAgentToken(
  orchestratorId: string,
): Promise<{ text: string; credential: PresentedCredential }> {
  const { text, keyId } = newToken("agent", orchestratorId);
  return { text, credential: { keyId, digest: await digestOf(text) } };
}

/** The host is left to the reader: the one in the request is what the caller says it is. */
export function connectUrl(orchestratorId: string, token: string): string {
  return `wss://${orchestratorId}:${token}@{host}/ws`;
}
