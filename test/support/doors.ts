import { z } from "zod";
import { INBOUND_TYPES } from "../../scripts/lib/frame-reference.ts";
import { itemOf } from "../../worker/contract/decoration.ts";
import { type InboundType, inboundSchema } from "../../worker/contract/frames.ts";
import { usageReport } from "../../worker/contract/usage.ts";
import type { Canaries } from "./canaries.ts";
import type { Controller } from "./controller.ts";

/** A route that takes a body. */
export interface Door {
  /** Method and template of the path. */
  door: string;
  schema: object;
}

export interface Doors {
  all: Door[];
  /** What the schemas of the bodies refer to. */
  schemas: Record<string, object>;
}

/** Those that take a credential or say no more than an id, a state or a number; passwords are looked for in `rest-auth`. */
const NOT_ENTERED = /internal\/auth\/|login-throttles|config\/push|independence$|\/links$|PUT .*users|\/status$/;

/** Every way in over REST, as the document says that programs read. */
export async function doorsOf(controller: Controller): Promise<Doors> {
  const { paths, components } = (await controller.call("GET", "/openapi.json")).body as unknown as {
    paths: Record<string, Record<string, { requestBody?: { content: { "application/json"?: { schema: object } } } }>>;
    components: { schemas: Record<string, object> };
  };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      const schema = requestBody?.content["application/json"]?.schema;
      const door = `${method.toUpperCase()} ${path}`;
      return schema && !NOT_ENTERED.test(door) ? [{ door, schema }] : [];
    }),
  );
  return { all, schemas: components.schemas };
}

/** What has to stand in a field of that name for a request about `id` to be taken, or is left out of it. */
export function knownFields(id: string): Record<string, unknown> {
  return {
    orchestrator_id: id,
    organization_id: id,
    org_id: id,
    message_type: "recommendation",
    scopes: ["read"],
    role: "viewer",
    readmit: undefined,
    organizations: undefined,
    expires_at: undefined,
    expected_version: undefined,
    expected_revision: undefined,
    monitoring: undefined,
    monitoring_enabled: undefined,
    is_active: undefined,
  };
}

/** The frames of an open session; a decision names a message and says a word. */
export const SESSION_TYPES = INBOUND_TYPES.filter(
  (type) => !["handshake", "register", "message_status"].includes(type),
);

const JSON_SCHEMA = { io: "input", unrepresentable: "any" } as const;

/** A frame of this type with a canary in each of its texts. */
export function frameOf(
  canaries: Canaries,
  type: string,
  known: Record<string, unknown> = {},
): Record<string, unknown> {
  const door = `frame ${type}`;
  // The schema of the list says nothing of its items, because each of them is judged by itself.
  const item = itemOf(usageReport.shape.items);
  const items = [canaries.fill(door, z.toJSONSchema(item as z.ZodObject, JSON_SCHEMA), {})];
  const schema = z.toJSONSchema(inboundSchema(type as InboundType), JSON_SCHEMA);
  const given = { type, items, hash: undefined, status: "failed", orchestrator_id: undefined, ...known };
  return canaries.fill(door, schema, given) as Record<string, unknown>;
}
