import { z } from "zod";
import { DEFAULT_OVERLAP_SEC } from "../credentials.ts";
import { coreId, decorativeJson, decorativeText } from "../decoration.ts";
import { orchestratorId, organizationId } from "../ids.ts";
import { jsonObject, nameText, shortText, textOrAbsent } from "../json.ts";
import { MAX_JOIN_USES, MAX_PROFILE_BYTES } from "../values/limits.ts";
import { droppedView, maybeMoment, moment, outcome, pageQuery } from "./common.ts";

/** The default lifetime of a join token. */
export const DEFAULT_JOIN_DAYS = 7;
const MAX_OVERLAP_SEC = 30 * 86_400;
const DAY_MS = 86_400_000;
const MAX_LIFETIME_DAYS = 3_650;

const keyId = z.string().regex(/^[0-9A-Za-z]{10}$/, "must be 10 letters or digits");
const label = textOrAbsent(nameText).meta({ description: "What people call it", example: "prod-eu-1" });
const expiry = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) > Date.now(), "must be in the future")
  .refine((text) => Date.parse(text) < Date.now() + MAX_LIFETIME_DAYS * DAY_MS, "must be within ten years")
  .nullish();

export const agentToken = z.string().meta({
  description: "The secret itself. Shown in this answer and never again",
  example: "mca_org-002.…",
});

export const agentTokenParams = z.object({ orchestrator_id: orchestratorId, key_id: keyId });

export const agentTokenBody = z
  .object({
    label,
    expires_at: expiry.meta({ description: "Absent or null: valid until it is revoked" }),
  })
  .meta({ id: "NewAgentToken", description: "A further token of an orchestrator" });

export const exchangeBody = z
  .object({
    label: label.meta({ description: "Absent: that of the presented token" }),
    overlap_sec: z
      .int()
      .min(0)
      .max(MAX_OVERLAP_SEC)
      .default(DEFAULT_OVERLAP_SEC)
      .meta({ description: "How long the presented token stays valid beside the new one" }),
  })
  .meta({ id: "TokenExchange", description: "The request for the next token" });

const agentTokenFields = {
  orchestrator_id: orchestratorId,
  key_id: keyId,
  label: z.string().nullable(),
  created_at: moment,
  expires_at: maybeMoment,
};

export const issuedAgentToken = z
  .object({
    ...agentTokenFields,
    agent_token: agentToken,
    connect_url: z.string().meta({
      description:
        "What `CONTROLLER_WS_URL` is set to: the address of this call, or `PUBLIC_URL`, with the token in it",
      example: "wss://org-002:mca_org-002.…@controller.example.com/ws",
    }),
  })
  .meta({ id: "IssuedAgentToken", description: "A new token of an orchestrator" });

export const agentTokenView = z
  .object({
    ...agentTokenFields,
    created_by: z.string(),
    maker_ended: z.boolean().meta({
      description: "Its maker could not make it now. It stays valid, because the orchestrator would stop with it",
    }),
    revoked_at: maybeMoment,
    state: z.enum(["valid", "expired", "revoked"]),
    connected: z.boolean().meta({ description: "The open WebSocket of the orchestrator uses it" }),
  })
  .meta({ id: "AgentToken", description: "A token of an orchestrator, without the secret" });

export const agentTokenList = z.object({ orchestrator_id: orchestratorId, items: z.array(agentTokenView) });
export const revokedAgentToken = z.object({ orchestrator_id: orchestratorId, key_id: keyId });

export const joinTokenQuery = z.object(pageQuery);
export const joinTokenParams = z.object({ organization_id: organizationId, key_id: keyId });

export const joinTokenBody = z
  .object({
    label,
    orchestrator_id: orchestratorId.nullish().meta({
      description:
        "Only this orchestrator may join with it, even if it has a valid token. Absent: any of the organization",
    }),
    max_uses: z.int().min(1).max(MAX_JOIN_USES).default(1),
    expires_at: expiry.meta({ description: `Absent: ${DEFAULT_JOIN_DAYS} days from now` }),
  })
  .meta({ id: "NewJoinToken", description: "Lets orchestrators fetch a token of their own" });

export const joinTokenView = z
  .object({
    key_id: keyId,
    organization_id: organizationId,
    orchestrator_id: orchestratorId.nullable(),
    label: z.string().nullable(),
    max_uses: z.int(),
    uses: z.int(),
    created_by: z.string(),
    created_at: moment,
    expires_at: moment,
    revoked_at: maybeMoment,
    state: z.enum(["valid", "used", "expired", "revoked", "maker_ended"]).meta({
      description: "`maker_ended`: its maker could not make it any more, so nobody can join with it",
    }),
  })
  .meta({ id: "JoinToken", description: "A join token, without the secret" });

export type JoinTokenView = z.infer<typeof joinTokenView>;

export const issuedJoinToken = z
  .object({
    ...joinTokenView.shape,
    join_token: z.string().meta({ description: "The secret itself. Shown in this answer and never again" }),
  })
  .meta({ id: "IssuedJoinToken", description: "A new join token" });

export const revokedJoinToken = z.object({ organization_id: organizationId, key_id: keyId });

export const joinBody = z
  .object({
    orchestrator_id: coreId(orchestratorId),
    name: decorativeText(shortText, 255),
    location: decorativeText(shortText, 255),
    metadata: decorativeJson(jsonObject, MAX_PROFILE_BYTES),
  })
  .meta({ id: "Join", description: "Who joins. Absent = unchanged" });

export const joinAnswer = z
  .object({
    ...outcome,
    orchestrator_id: orchestratorId,
    organization_id: organizationId,
    created: z.boolean().meta({ description: "False when it was registered before" }),
    key_id: keyId,
    agent_token: agentToken,
    connect_url: issuedAgentToken.shape.connect_url,
    ...droppedView,
    timestamp: moment,
  })
  .meta({ id: "JoinAnswer", description: "The orchestrator may connect with its token" });
