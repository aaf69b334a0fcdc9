import type { Context } from "hono";
import type { Actor } from "../contract/actor.ts";
import type { Dropped } from "../contract/cleaning.ts";
import type { Millis } from "../contract/presence.ts";
import type { LoginMethod } from "../contract/sso.ts";
import type { ErrorCode } from "../contract/values/codes.ts";

/** What the actor came with, when the Auth object has judged it. */
export interface Credential {
  kind: "session" | "token";
  /** SHA-256 of it, hex. */
  digest: string;
  /** Of an API token. */
  keyId: string | null;
  /** Who made the API token; absent of sessions, and when nobody knows. */
  maker?: string | undefined;
  /** Unless a session is used again. */
  endsAt: Millis | null;
  /** How a session was opened. */
  method?: LoginMethod;
}

/** What every handler and middleware of the application finds in its context. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    actor: Actor;
    credential?: Credential | undefined;
    errorCode?: ErrorCode;
    /** Shows a refused credential of an orchestrator to whoever may act. Not done when its address is over its budget. */
    refusalNote?: () => Promise<unknown>;
    /** The audit need not hear of this refusal. */
    isRefusalNoted?: true;
    /** It has been counted as a refused credential before it was looked at. */
    isRefusalCounted?: true;
    /** It was refused because so many credentials from its address were. */
    isOverRefusals?: true;
    dropped?: Dropped[];
  };
}

export type AppContext = Context<AppEnv>;
