import { z } from "zod";
import {
  coreId,
  decorativeFlag,
  decorativeJson,
  decorativeObject,
  decorativeRecord,
  decorativeText,
  optionalOrDropped,
} from "../decoration.ts";
import { beatDecoration } from "../frames.ts";
import { orchestratorId, organizationId } from "../ids.ts";
import { jsonObject, shortText } from "../json.ts";
import { healthStatus, status } from "../presence.ts";
import { MAX_REGISTER_BODY_BYTES } from "../values/limits.ts";
import { droppedView, maybeMoment, moment, outcome } from "./common.ts";
import { issuedAgentToken } from "./tokens.ts";

/** Clients send null and "" for missing values; both mean absent. */
const text = (max = 255) => decorativeText(shortText.max(max), max);

/** Shown to operators, never fetched. */
export function isWebUrl(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

const webUrl = () =>
  optionalOrDropped(z.string().trim().max(500).refine(isWebUrl, "must be an http or https URL without user name"));

const secret = () =>
  optionalOrDropped(z.string().max(2048)).meta({
    writeOnly: true,
    description: "Not stored: only that it is set",
  });
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const free = () => decorativeJson(jsonObject, MAX_REGISTER_BODY_BYTES);

/** The optional fields of a registration. */
const fields = {
  name: text(),
  location: text(),
  internal_url: webUrl(),
  database_url: secret(),
  redis_url: secret(),
  container_id: text(),
  image_name: text(),
  environment_variables: decorativeRecord(z.record(z.string().min(1).max(255), scalar)).meta({
    writeOnly: true,
    description: "The names are stored, the values are not",
  }),
  features: free(),
  metadata: free(),
  session_config: free(),
  phoenix_endpoint: webUrl(),
  admin_email: text(),
  support_email: text(),
  website: webUrl(),
  monitoring_enabled: decorativeFlag(),
  monitoring: decorativeObject(z.object({ enabled: decorativeFlag() })).meta({
    description: "What existing clients send for `monitoring_enabled`",
  }),
};

export const registerBody = z
  .object({
    orchestrator_id: coreId(orchestratorId).nullish(),
    organization_id: coreId(organizationId).nullish(),
    readmit: z.boolean().nullish().meta({
      description:
        "true: the tokens of an orchestrator that was deregistered are valid again, in the organization that it was deregistered from, which is also the one it returns to when none is named. Elsewhere, or when none of them could be valid, it gets a new token",
    }),
    ...fields,
  })
  .refine((body) => (body.orchestrator_id ?? body.organization_id) != null, {
    message: "orchestrator_id or organization_id is required",
    path: ["orchestrator_id"],
  })
  .meta({
    id: "Registration",
    description: "At least one of the ids; each stands in for the other. Absent = unchanged",
  });

export const instanceBody = z
  .object({
    org_id: coreId(organizationId).nullish().meta({ description: "Alone: the id of both" }),
    orchestrator_id: coreId(orchestratorId).nullish(),
    organization_id: coreId(organizationId).nullish().meta({ description: "Another spelling of `org_id`" }),
    ...fields,
  })
  .refine((body) => (body.orchestrator_id ?? body.org_id ?? body.organization_id) != null, {
    message: "org_id or orchestrator_id is required",
    path: ["org_id"],
  })
  .meta({ id: "NewInstance", description: "An orchestrator of a new organization or of one that exists" });

/** The token of a new orchestrator. */
const firstToken = {
  agent_token: issuedAgentToken.shape.agent_token.optional(),
  connect_url: issuedAgentToken.shape.connect_url.optional(),
};

export const createdInstance = z.object({
  orchestrator_id: orchestratorId,
  organization_id: organizationId,
  organization_name: z.string(),
  name: z.string().nullable(),
  location: z.string().nullable(),
  status,
  is_independent: z.boolean(),
  privacy_mode: z.boolean(),
  ...firstToken,
  ...droppedView,
});

export const registerAnswer = z
  .object({
    ...outcome,
    orchestrator_id: orchestratorId,
    organization_id: organizationId,
    organization_name: z.string(),
    status,
    created: z.boolean().meta({ description: "False when it was registered before" }),
    ...firstToken,
    ...droppedView,
    timestamp: moment,
    independence_support: z.object({ supported: z.literal(true), endpoint: z.string() }),
    controller_endpoints: z.object({
      heartbeat: z.string(),
      status: z.string(),
      deregister: z.string(),
      independence: z.string(),
      websocket: z.string(),
    }),
    note: z.string(),
  })
  .meta({ id: "RegistrationAnswer", description: "The orchestrator is registered" });

export const deregisterAnswer = z.object({
  ...outcome,
  orchestrator_id: orchestratorId,
  organization_id: organizationId,
  deleted: z.boolean().meta({ description: "False: it signed itself off, and its data stay" }),
});

export const deletedInstance = z.object({ orchestrator_id: orchestratorId, organization_id: organizationId });

export const heartbeatBody = z
  .object({
    orchestrator_id: coreId(orchestratorId).nullish(),
    organization_id: coreId(organizationId).nullish(),
    status: text(64),
    ...beatDecoration,
  })
  .refine((body) => (body.orchestrator_id ?? body.organization_id) != null, {
    message: "orchestrator_id or organization_id is required",
    path: ["orchestrator_id"],
  })
  .meta({ id: "Heartbeat", description: "At least one of the ids" });

export const heartbeatAnswer = z.object({
  ...outcome,
  orchestrator_id: orchestratorId,
  organization_id: organizationId,
  status,
  health_status: healthStatus,
  last_seen: maybeMoment,
  ignored: z.boolean().meta({ description: "The orchestrator is independent: nothing was stored" }),
  ...droppedView,
  timestamp: moment,
});

export type RegisterBody = Omit<z.infer<typeof registerBody>, "orchestrator_id" | "organization_id">;
