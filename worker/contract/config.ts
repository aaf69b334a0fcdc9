import type { JsonObject } from "./json.ts";

/** A published configuration of an organization. `revision` only rises; 0 with an empty hash means none. */
export interface OrganizationConfig {
  revision: number;
  hash: string;
  features: JsonObject;
  settings: JsonObject;
  policies: JsonObject;
  /** A repeat: it is sent only to members that have not confirmed it. Never stored with an orchestrator. */
  again?: boolean;
}
