import type { JsonObject } from "./json.ts";

/** A published configuration of an organization. `revision` only rises; 0 with an empty hash: none was published. */
export interface OrganizationConfig {
  revision: number;
  hash: string;
  features: JsonObject;
  settings: JsonObject;
  policies: JsonObject;
}
