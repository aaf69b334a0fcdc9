import { envelope } from "../contract/rest/common.ts";
import { createdInstance, instanceBody } from "../contract/rest/registration.ts";
import { MAX_REGISTER_BODY_BYTES } from "../contract/values/limits.ts";
import { auditOf } from "../middleware/caller.ts";
import { ApiError } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { createRouter, defineRoute, json } from "./define.ts";
import { connectUrl, makeAgentToken } from "./issue-agent-token.ts";
import { droppedOf, findStored, registrationTarget, unwrap } from "./orchestrator-calls.ts";
import { requireRoomForOrchestrator } from "./quotas.ts";
import { toRegistrationFields } from "./registration-fields.ts";
import { success } from "./success.ts";

const create = defineRoute({
  method: "post",
  path: "/api/v1/controller/orchestrator-instances",
  tag: "Registration",
  summary: "Create an orchestrator instance",
  description:
    "Like registering, but refused when the orchestrator exists. `org_id` alone names an organization of this one orchestrator; with `orchestrator_id` it may have several.",
  permission: "orchestrator.create",
  request: { body: json(instanceBody) },
  response: envelope(createdInstance),
  errors: ["already_exists", "quota_exceeded", "database_unavailable"],
  maxBodyBytes: MAX_REGISTER_BODY_BYTES,
});

export const instances = createRouter();

instances.openapi(create, async (c) => {
  const body = c.req.valid("json");
  const wanted = body.org_id ?? body.organization_id ?? null;
  // The schema requires one of them.
  const id = body.orchestrator_id ?? wanted ?? "";
  const organizationId = registrationTarget(c, id, wanted);
  const stub = orchestratorOf(c.env, id);
  const taken = new ApiError("already_exists", `Orchestrator instance ${id} exists already`);
  if (await stub.describe()) throw taken;
  await requireRoomForOrchestrator(c, id, organizationId ?? id);
  const fields = toRegistrationFields(body, c.get("dropped"));
  const { text, credential } = makeAgentToken(id);
  const result = unwrap(
    await stub.register({
      organizationId,
      fields,
      audit: auditOf(c),
      credential,
      isOwn: c.get("actor").kind === "agent",
      ...droppedOf(c),
    }),
  );
  if (!result.created) throw taken;
  const row = await findStored(c, id);
  const data = {
    orchestrator_id: id,
    organization_id: result.organizationId,
    organization_name: row?.organizationName ?? result.organizationId,
    name: fields.name ?? null,
    location: fields.location ?? null,
    status: row?.status ?? ("inactive" as const),
    is_independent: row?.isIndependent ?? false,
    privacy_mode: row?.privacyMode ?? false,
    ...(result.credentialIssued && { agent_token: text, connect_url: connectUrl(c, id, text) }),
    ...droppedOf(c, result.dropped),
  };
  return success(c, `Orchestrator instance ${id} created successfully`, { data });
});
