import { KEY_DIGEST_HEADER, KEY_ID_HEADER } from "../contract/credentials.ts";
import { REFUSAL_HEADER } from "../contract/refusals.ts";
import { ID_PATTERN } from "../contract/values/ids.ts";
import { type AgentCredential, agentActor, readAgentToken } from "../middleware/agent-token.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { type Presented, readAuthorization } from "../middleware/authorization.ts";
import { ApiError } from "../middleware/errors.ts";
import { foreignOriginMessage, isForeignOrigin } from "../middleware/origin.ts";
import { claimedId, noteRefusedAgent, noteRefusedToken } from "../middleware/refused-agents.ts";
import { isWebSocketUpgrade } from "../middleware/upgrade.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { settingsOf } from "../platform/settings.ts";
import { looksLikeToken } from "../platform/tokens.ts";
import { openLobby } from "./lobby.ts";

/**
 * The upgrade of an orchestrator. The caller is identified here, because the id names the Durable Object. Only in
 * development may the first frame name it.
 */
export async function handleSocket(c: AppContext): Promise<Response> {
  const { env } = c;
  const request = c.req.raw;
  if (!isWebSocketUpgrade(request)) {
    throw new ApiError("upgrade_required", "Connect to this address with a WebSocket.", {
      headers: { Upgrade: "websocket", Connection: "Upgrade" },
    });
  }
  // Read in any case: with wrong settings the object would have to refuse every frame.
  const { allowedOrigins } = settingsOf(env);
  const isForeign = isForeignOrigin(request, allowedOrigins);
  const url = new URL(request.url);
  const presented = presentedBy(request);
  const named = namedId(url, presented?.user ?? null);
  if (!presented) {
    if (named !== null) noteRefusedAgent(c, named, "wrong_token");
    throw new ApiError("unauthorized", "The Authorization header cannot be read.");
  }
  const { secret } = presented;
  if (DEVELOPMENT_BUILD && (secret === null || !looksLikeToken(secret))) {
    if (isForeign) throw FOREIGN(request);
    return named === null ? openLobby(env, request.headers.get("CF-Connecting-IP")) : await connect(c, named, null);
  }
  if (secret === null) {
    if (named !== null) noteRefusedAgent(c, named, "wrong_token");
    throw new ApiError("unauthorized", "Connect with the token of the orchestrator.");
  }
  const credential = readAgentToken(secret);
  if (!credential) {
    const id = named ?? claimedId(secret);
    if (id !== null) noteRefusedAgent(c, id, "wrong_token");
    throw new ApiError("unauthorized", INVALID);
  }
  const { orchestratorId } = credential;
  if (named !== null && named !== orchestratorId) {
    noteRefusedAgent(c, named, "wrong_id");
    throw new ApiError("unauthorized", "The token belongs to another orchestrator.");
  }
  if (isForeign) {
    throw (await agentActor(c, credential)) ? FOREIGN(request) : new ApiError("unauthorized", INVALID);
  }
  return await connect(c, orchestratorId, credential);
}

const FOREIGN = (request: Request) => new ApiError("origin_rejected", foreignOriginMessage(request));
const INVALID = "The token is not valid. Ask for a new one and connect with it.";
const GONE = "This orchestrator was deregistered. Have it registered again before it connects.";

/** Passes the upgrade on without headers of the caller that the object could take for ours. */
async function connect(c: AppContext, orchestratorId: string, credential: AgentCredential | null): Promise<Response> {
  const request = c.req.raw;
  const headers = new Headers(request.headers);
  for (const name of ["Authorization", "Cookie", KEY_ID_HEADER, KEY_DIGEST_HEADER]) headers.delete(name);
  if (credential) {
    headers.set(KEY_ID_HEADER, credential.keyId);
    headers.set(KEY_DIGEST_HEADER, credential.digest);
  }
  const response = await orchestratorOf(c.env, orchestratorId).fetch(new Request(request, { headers }));
  if (response.status !== 401 && response.status !== 429) return response;
  if (response.status === 401) {
    noteRefusedToken(c, orchestratorId);
    const isGone = response.headers.get(REFUSAL_HEADER) === "deregistered";
    throw new ApiError("unauthorized", isGone ? GONE : INVALID);
  }
  throw new ApiError("rate_limited", "This orchestrator connects too often. Wait, and connect again more slowly.", {
    retryAfterSec: 1,
  });
}

/** The id in path, query and user, which must agree; null when there is none. */
function namedId(url: URL, user: string | null): string | null {
  const [, first, second, ...rest] = url.pathname.split("/");
  if (rest.length > 0) throw new ApiError("not_found", "There is nothing at this path.");
  const inPath = first === "ws" && second ? decode(second) : null;
  const named = [inPath, url.searchParams.get("orchestrator_id"), user].filter((id) => id !== null);
  const [id = null] = named;
  if (id === null) return null;
  if (!ID_PATTERN.test(id)) throw new ApiError("validation_failed", "This is not an orchestrator id.");
  if (named.some((other) => other !== id)) {
    throw new ApiError("validation_failed", "The address names more than one orchestrator id.");
  }
  return id;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Null: the header cannot be read. */
function presentedBy(request: Request): Pick<Presented, "user" | "secret"> | null {
  const header = request.headers.get("Authorization");
  return header === null ? { user: null, secret: null } : readAuthorization(header);
}
