import type { Context } from "hono";
import type { Actor } from "../contract/actor.ts";
import type { Dropped } from "../contract/cleaning.ts";
import type { Millis } from "../contract/presence.ts";
import type { LoginMethod } from "../contract/sso.ts";
import type { ErrorCode } from "../contract/values/codes.ts";

/** The credential of the actor, if the Auth object has checked it. */
export interface Credential {
  kind: "session" | "token";
  /** SHA-256 in hex. */
  digest: string;
  /** Of an API token. */
  keyId: string | null;
  /** The maker of the API token; absent for sessions and when unknown. */
  maker?: string | undefined;
  /** Applies unless the session is used again. */
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
    /**
     * Shows a refused credential of an orchestrator to the people who can act on it. Skipped when its address is over
     * its budget.
     */
    refusalNote?: () => Promise<unknown>;
    /** Whether this refusal is left out of the audit. */
    isRefusalNoted?: true;
    /** Whether it was counted as a refused credential before the lookup. */
    isRefusalCounted?: true;
    /** Whether it was refused because too many credentials from its address were. */
    isOverRefusals?: true;
    dropped?: Dropped[];
  };
}

export type AppContext = Context<AppEnv>;
