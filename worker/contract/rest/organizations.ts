import { z } from "zod";
import { coreId, decorativeJson, decorativeText } from "../decoration.ts";
import { orchestratorId, organizationId } from "../ids.ts";
import { jsonObject, nameText, shortText } from "../json.ts";
import { configState, healthStatus, status } from "../presence.ts";
import { MAX_LIMIT, MAX_PROFILE_BYTES } from "../values/limits.ts";
import { ORGANIZATION_SORT_KEYS } from "../values/lists.ts";
import { CONFIG_STATES, HEALTH_STATUSES, STATUSES } from "../values/presence.ts";
import { expectedVersion, listOf, maybeMoment, moment, pageQuery, searchText, wholeNumber } from "./common.ts";
import { fromDate, toDate } from "./dates.ts";

/** How many orchestrator ids a list returns of an organization. */
export const SHOWN_ORCHESTRATORS = 5;
/** Values that a facet with free values counts, the most frequent first. */
export const TOP_VALUES = 20;

export const organizationParams = z.object({ organization_id: organizationId });

const DESCENDING = ORGANIZATION_SORT_KEYS.map((key) => `-${key}` as const);

const GLOB = "the whole value, in any case; `*` stands for any text, as in";

/** List, facets and ids take the same filters and answer from the same predicate, so that their counts agree. */
const filters = {
  status: listOf(STATUSES, "Only organizations of this status"),
  health: listOf(HEALTH_STATUSES, "Only organizations with an orchestrator of this health"),
  config: listOf(CONFIG_STATES, "Only organizations with an orchestrator whose configuration has come so far"),
  location: searchText.meta({ description: `Location: ${GLOB} \`eu-*\`` }),
  version: searchText.meta({ description: `Version of an orchestrator: ${GLOB} \`1.4.*\`` }),
  seen: z
    .enum(["never", "ever"])
    .optional()
    .meta({ description: "never: none of its orchestrators has ever been seen" }),
  seen_after: fromDate.optional().meta({ description: "Last seen not before this date or moment, UTC" }),
  seen_before: toDate.optional().meta({
    description: "Last seen before this moment, or until the end of this date, UTC; never seen does not count",
  }),
  q: searchText.meta({ description: "Part of the id or the name" }),
};

export const organizationFilters = z.object(filters);

export const organizationQuery = z.object({
  ...pageQuery,
  sort: z
    .enum([...ORGANIZATION_SORT_KEYS, ...DESCENDING])
    .default("-created_at")
    .meta({
      description:
        "`-` in front: descending. Absent values come last, equal ones by id. Only `organization_id` and `created_at` never change: in another order, a walk by cursor can miss or repeat an organization whose value changes meanwhile",
    }),
  ...filters,
});

export const organizationIdQuery = z.object({
  ...pageQuery,
  page_size: wholeNumber(1, MAX_LIMIT, MAX_LIMIT, "Entries on a page"),
  ...filters,
});

export const organization = z
  .object({
    organization_id: organizationId,
    name: z.string().meta({
      description: "As a person or a registration has set it; otherwise as its one orchestrator reports it, or the id",
    }),
    location: z.string().nullable(),
    reported_name: z.string().nullable().meta({
      description:
        "What the one orchestrator of an organization of the same id calls itself; it changes nothing that was set",
    }),
    reported_location: z.string().nullable(),
    edit_version: z.int().meta({
      description: "Rises with each change of name, location or metadata by a person or a registration; also the ETag",
    }),
    status: status.meta({ description: "Follows from the organization's orchestrators" }),
    is_active: z
      .boolean()
      .meta({ description: "Created over this interface, or one of its orchestrators has connected at least once" }),
    is_independent: z.boolean(),
    features: jsonObject,
    metadata: jsonObject.meta({ description: "What its one orchestrator reports, and over it what was set here" }),
    settings: jsonObject,
    last_seen: maybeMoment.meta({ description: "The newest of its orchestrators" }),
    orchestrators: z.int().meta({ description: "How many it has" }),
    active_orchestrators: z.int(),
    orchestrator_ids: z.array(orchestratorId).meta({ description: `The first ${SHOWN_ORCHESTRATORS}, by id` }),
    worst_health: healthStatus.nullable().meta({
      description:
        "The worst of its orchestrators, from unhealthy over degraded and unknown to healthy; null: it has none",
    }),
    config_state: configState.meta({
      description: "The most urgent of its orchestrators: failed, applying, queued, sent, applied, none",
    }),
    version: z.string().nullable().meta({ description: "Of its orchestrators; null: unknown, or they differ" }),
    versions: z.int().meta({ description: "How many different versions its orchestrators have" }),
    pending_messages: z.int().meta({ description: "Without independent orchestrators" }),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: "Organization", description: "An organization and the state that follows from its orchestrators" });

export const newOrganization = z
  .object({
    org_id: coreId(organizationId).nullish(),
    organization_id: coreId(organizationId).nullish().meta({ description: "Another spelling of `org_id`" }),
    name: decorativeText(shortText, 255).meta({ description: "The id when absent" }),
    location: decorativeText(shortText, 255),
    features: jsonObject.nullish().meta({ description: "Published as the first configuration" }),
    settings: jsonObject.nullish(),
    metadata: decorativeJson(jsonObject, MAX_PROFILE_BYTES),
  })
  .refine((body) => (body.org_id ?? body.organization_id) != null, {
    message: "org_id is required",
    path: ["org_id"],
  })
  .meta({ id: "NewOrganization", description: "An organization that has no orchestrator yet" });

export const organizationChange = z
  .object({
    name: nameText.optional(),
    location: nameText.nullish().meta({ description: "null: none" }),
    metadata: jsonObject
      .optional()
      .meta({ description: "Merged per top-level key, as features are; null removes what was set under a key" }),
    expected_version: expectedVersion,
  })
  .refine((body) => body.name !== undefined || body.location !== undefined || body.metadata !== undefined, {
    message: "at least one of name, location and metadata is required",
    path: ["name"],
  })
  .meta({
    id: "OrganizationChange",
    description:
      "Absent: unchanged. What is set here stays, whatever an orchestrator reports; the one orchestrator of an organization of the same id receives its name and location",
  });

const count = z.int().min(0);

export const organizationImpact = z
  .object({
    organization_id: organizationId,
    name: z.string(),
    orchestrators: count,
    connected_orchestrators: count.meta({ description: "Whose WebSockets are closed" }),
    messages: count,
    pending_messages: count.meta({ description: "Of these, not decided yet" }),
    config_revisions: count,
  })
  .meta({ id: "OrganizationImpact", description: "What goes when the organization is deleted; usage and audit stay" });

export const deletedOrganization = z
  .object({
    organization_id: organizationId,
    orchestrators: count.meta({ description: "How many were deregistered" }),
    messages: count,
    closed_connections: count,
  })
  .meta({ id: "DeletedOrganization", description: "What went with the organization" });

const freeValues = z.array(z.object({ value: z.string(), count }));

export const organizationFacets = z
  .object({
    total: count.meta({ description: "Organizations that match every filter, as in the list" }),
    status: z.record(status, count),
    health: z.record(healthStatus, count).meta({ description: "Organizations with an orchestrator of this health" }),
    config: z.record(configState, count).meta({ description: "Organizations with an orchestrator in this state" }),
    location: freeValues.meta({ description: `The ${TOP_VALUES} most frequent` }),
    version: freeValues.meta({ description: `The ${TOP_VALUES} most frequent versions of orchestrators` }),
  })
  .meta({
    id: "OrganizationFacets",
    description: "How many organizations each value of a filter would give: every filter counts but the facet's own",
  });

export const organizationIds = z
  .object({ organization_id: organizationId, orchestrator_ids: z.array(orchestratorId) })
  .meta({ id: "OrganizationIds", description: "An organization and all its orchestrators, by id" });

export type Organization = z.infer<typeof organization>;
export type OrganizationQuery = z.infer<typeof organizationQuery>;
export type OrganizationFilters = z.infer<typeof organizationFilters>;
export type OrganizationIdQuery = z.infer<typeof organizationIdQuery>;
