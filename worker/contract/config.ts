import type { JsonObject } from "./json.ts";

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
