import type { Context } from "hono";
import type { Actor } from "../contract/actor.ts";
import type { ErrorCode } from "../contract/errors.ts";

/** What every handler and middleware of the application finds in its context. */
export interface AppEnv {
  Bindings: Env;
  Variables: { requestId: string; actor: Actor; errorCode?: ErrorCode };
}

export type AppContext = Context<AppEnv>;
