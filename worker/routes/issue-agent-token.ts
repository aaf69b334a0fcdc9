import type { PresentedCredential } from "../contract/credentials.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { digestOf } from "../middleware/credentials.ts";
import { settingsOf } from "../platform/settings.ts";
import { newToken } from "../platform/tokens.ts";

/** A new agent token: the text for the answer, and the credential for the object. */
export function makeAgentToken(orchestratorId: string): { text: string; credential: PresentedCredential } {
  const { text, keyId } = newToken("agent", orchestratorId);
  return { text, credential: { keyId, digest: digestOf(text) } };
}

/**
 * The address with which an orchestrator connects, at PUBLIC_URL or at the host of this request. Cloudflare routes by
 * host, and in development the Host was checked.
 */
export function connectUrl(c: AppContext, orchestratorId: string, token: string): string {
  const { protocol, host } = new URL(settingsOf(c.env).login.publicUrl ?? c.req.url);
  return `${protocol === "https:" ? "wss" : "ws"}://${orchestratorId}:${token}@${host}/ws`;
}
