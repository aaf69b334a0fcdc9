import { settingsOf } from "../config.ts";
import { ID_PATTERN } from "../contract/ids.ts";
import { ApiError } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { openLobby } from "./lobby.ts";

/**
 * The upgrade of an orchestrator (DESIGN §2). Who is calling is settled here whenever it can be, because the id
 * names the Durable Object; only in development may the first frame say it.
 */
export async function handleSocket(request: Request, env: Env): Promise<Response> {
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
    throw new ApiError("upgrade_required", "Connect to this address with a WebSocket.", {
      headers: { Upgrade: "websocket", Connection: "Upgrade" },
    });
  }
  const origin = request.headers.get("Origin");
  if (origin !== null && !settingsOf(env).allowedOrigins.includes(origin)) {
    throw new ApiError("origin_rejected", "Web pages of this origin may not connect here.");
  }
  if (process.env.NODE_ENV !== "production") {
    const orchestratorId = namedId(request);
    return orchestratorId === null ? openLobby(env) : await orchestratorOf(env, orchestratorId).fetch(request);
  }
  // Agent credentials are not issued yet, and without one nobody connects in production.
  throw new ApiError("unauthorized", "Connect with the orchestrator's credential.");
}

/** The id that URL and credential name, or null when neither does. All that are given must agree. */
function namedId(request: Request): string | null {
  const url = new URL(request.url);
  const [, first, second, ...rest] = url.pathname.split("/");
  if (rest.length > 0) throw new ApiError("not_found", "There is nothing at this path.");
  const named = [
    first === "ws" && second ? decode(second) : null,
    url.searchParams.get("orchestrator_id"),
    basicUser(request.headers.get("Authorization")),
  ].filter((id) => id !== null);
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

/** The Python client sends the user-info of `ws://ID:TOKEN@host/ws` as Basic. */
function basicUser(header: string | null): string | null {
  const encoded = header?.match(/^Basic ([A-Za-z0-9+/=]+)$/i)?.[1];
  if (!encoded) return null;
  try {
    return atob(encoded).split(":", 1)[0] || null;
  } catch {
    throw new ApiError("unauthorized", "The Authorization header cannot be read.");
  }
}
