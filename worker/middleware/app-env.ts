import type { Context } from "hono";
import type { Actor } from "../contract/actor.ts";

/** What every handler and middleware of the application finds in its context. */
export interface AppEnv {
  Bindings: Env;
  Variables: { requestId: string; actor: Actor };
}

export type AppContext = Context<AppEnv>;
