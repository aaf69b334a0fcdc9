import { z } from "zod";
import { reservedFor } from "../frames.ts";
import { orchestratorId, organizationId } from "../ids.ts";
import { jsonObject } from "../json.ts";
import { configState, status } from "../presence.ts";
import { inDigits, maybeMoment, moment, pageQuery } from "./common.ts";
import { organizationParams } from "./organizations.ts";

const revision = z.int().min(0).meta({ description: "Rises with every change; 0: nothing was published yet" });
const hash = z.string().meta({ description: "SHA-256 over features, settings and policies; empty for revision 0" });

export const featuresBody = z
  .object({
    features: jsonObject,
    expected_revision: revision.optional().meta({ description: "Refuse when another revision is stored" }),
  })
  .meta({ id: "Features", description: "Merged into the stored features per top-level key" });

export const publishedFeatures = z
  .object({ organization_id: organizationId, features: jsonObject, revision, hash })
  .meta({ id: "PublishedFeatures", description: "The features in force" });

export const configBody = z
  .object({
    features: jsonObject.optional(),
    settings: jsonObject.optional(),
    policies: jsonObject.optional(),
    expected_revision: revision.optional().meta({ description: "Refuse when another revision is stored" }),
  })
  .refine((body) => body.features !== undefined || body.settings !== undefined || body.policies !== undefined, {
    message: "at least one of features, settings and policies is required",
    path: ["features"],
  })
  .meta({ id: "Configuration", description: "Each given part replaces the stored one; the others stay" });

export const publishedConfig = z
  .object({
    organization_id: organizationId,
    features: jsonObject,
    settings: jsonObject,
    policies: jsonObject,
    revision,
    hash,
  })
  .meta({ id: "PublishedConfiguration", description: "The configuration in force" });

export const orchestratorConfig = z
  .object({
    orchestrator_id: orchestratorId,
    status,
    connected: z.boolean(),
    revision: revision.meta({ description: "The revision that `state` is about" }),
    state: configState.meta({
      description:
        "queued: sent with its next frame or handshake, or when independence ends. sent: sent; it has not confirmed. applying, applied, failed: the last report of its session. unconfirmed: an earlier session reported applying or applied; this one has reported nothing, or there is none. drifted: it says that it runs another revision",
    }),
    error: z.string().nullable(),
    since: maybeMoment.meta({ description: "Since when it has been in `state`; null: unknown" }),
    running_revision: z
      .int()
      .nullable()
      .meta({ description: "The revision that it last reported as applied; null: none" }),
  })
  .meta({ id: "ConfigurationState", description: "The state of the configuration at one orchestrator" });

export const configDetail = publishedConfig
  .extend({
    orchestrators: z.array(orchestratorConfig).meta({ description: "By id, at most the first 1,000" }),
    total_orchestrators: z.int(),
    updated_at: moment.nullable().meta({ description: "When this revision was published" }),
    updated_by: z.string().nullable(),
  })
  .meta({ id: "ConfigurationDetail", description: "The configuration in force, and its state at each orchestrator" });

export const revisionQuery = z.object(pageQuery);

export const revisionParams = organizationParams.extend({
  revision: inDigits(z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER)).meta({
    description: "Number of the revision",
  }),
});

export const revisionHead = z
  .object({
    revision,
    hash,
    created_at: moment,
    created_by: z.string().meta({ example: "user:superadmin" }),
    is_current: z.boolean().meta({ description: "The one in force" }),
  })
  .meta({ id: "ConfigurationRevision", description: "A configuration that was published" });

export const revisionDetail = revisionHead
  .extend({ organization_id: organizationId, features: jsonObject, settings: jsonObject, policies: jsonObject })
  .meta({ id: "ConfigurationRevisionDetail", description: "A configuration that was published, with its content" });

export const sendBody = z
  .object({
    type: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, "must be the type of a frame")
      .superRefine((type, { addIssue }) => {
        const instead = reservedFor(type);
        if (instead) addIssue({ code: "custom", message: `${type} belongs to the controller. ${instead}` });
      })
      .meta({ example: "provision_config" }),
    data: jsonObject.optional(),
  })
  .meta({ id: "Frame", description: "A frame for one connected orchestrator; it is not stored" });

export type RevisionHead = z.infer<typeof revisionHead>;
export type OrchestratorConfig = z.infer<typeof orchestratorConfig>;
export type ConfigDetail = z.infer<typeof configDetail>;
