import { createMiddleware } from "hono/factory";
import { carriesToken, decodedPath, looksLikeToken } from "../platform/tokens.ts";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";
import { claimedId, noteRefusedAgent } from "./refused-agents.ts";

/** Addresses are logged on their way, so a credential in one is exposed, and callers must not get used to it. */
export const noCredentialsInAddress = createMiddleware<AppEnv>(async (c, next) => {
  const url = new URL(c.req.url);
  if (carriesToken(url)) {
    const id = addressedId(url);
    if (id !== null) noteRefusedAgent(c, id, "wrong_token");
    throw new ApiError("unauthorized", "Credentials are not accepted in an address: send the Authorization header");
  }
  await next();
});

/** The orchestrator that such an address names, by a token in it or by `/ws`. */
function addressedId(url: URL): string | null {
  const texts = [...decodedPath(url.pathname).split("/"), ...url.searchParams.values()];
  const claimed = texts.map(claimedId).find((id) => id !== null);
  if (claimed) return claimed;
  const [, first, id = url.searchParams.get("orchestrator_id")] = decodedPath(url.pathname).split("/");
  return first === "ws" && id !== null && !looksLikeToken(id) ? id : null;
}

/** Refuses a repeated parameter, because proxies differ in which one counts. */
export const singleParameters = createMiddleware<AppEnv>(async (c, next) => {
  const repeated = Object.entries(c.req.queries()).flatMap(([name, values]) => (values.length > 1 ? [name] : []));
  if (repeated.length > 0) {
    const details = repeated.map((name) => ({ path: `/query/${name}`, code: "repeated", message: "is given twice" }));
    throw new ApiError("validation_failed", "The request is not valid", { details });
  }
  await next();
});
