import type { JsonObject } from "./json.ts";

/** The setting of the dashboard's form that says after how many minutes without a request a session ends. */
export const SESSION_TIMEOUT_SETTING = "session_timeout_minutes";

/** A published configuration of an organization. `revision` only rises; 0 with an empty hash: none was published. */
export interface OrganizationConfig {
  revision: number;
  hash: string;
  features: JsonObject;
  settings: JsonObject;
  policies: JsonObject;
  /** It is no news: who has not confirmed it is told once more. Never stored with an orchestrator. */
  again?: boolean;
}
