import { z } from "zod";
import { organizationId } from "../ids.ts";
import { jsonObject, shortText } from "../json.ts";
import { status } from "../presence.ts";
import { maybeMoment, moment, pageQuery, searchText } from "./common.ts";

export const organizationParams = z.object({ organization_id: organizationId });

export const organizationQuery = z.object({
  ...pageQuery,
  status: status.optional().meta({ description: "Only organizations of this status" }),
  q: searchText.meta({ description: "Part of the id or the name" }),
});

export const organization = z
  .object({
    organization_id: organizationId,
    name: z.string(),
    location: z.string().nullable(),
    status: status.meta({ description: "Follows from the organization's orchestrators" }),
    is_active: z
      .boolean()
      .meta({ description: "Created over this interface, or one of its orchestrators has connected at least once" }),
    is_independent: z.boolean(),
    features: jsonObject,
    metadata: jsonObject,
    settings: jsonObject,
    last_seen: maybeMoment.meta({ description: "The newest of its orchestrators" }),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: "Organization", description: "An organization and the state that follows from its orchestrators" });

export const newOrganization = z
  .object({
    org_id: organizationId.nullish(),
    organization_id: organizationId.nullish().meta({ description: "Another spelling of `org_id`" }),
    name: shortText.nullish().meta({ description: "The id when absent" }),
    location: shortText.nullish(),
    features: jsonObject.nullish().meta({ description: "Published as the first configuration" }),
    settings: jsonObject.nullish(),
    metadata: jsonObject.nullish(),
  })
  .refine((body) => (body.org_id ?? body.organization_id) != null, {
    message: "org_id is required",
    path: ["org_id"],
  })
  .meta({ id: "NewOrganization", description: "An organization that has no orchestrator yet" });

export type Organization = z.infer<typeof organization>;
export type OrganizationQuery = z.infer<typeof organizationQuery>;
