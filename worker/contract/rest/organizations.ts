import { z } from "zod";
import { organizationId } from "../ids.ts";
import { jsonObject } from "../json.ts";
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
    is_active: z.boolean().meta({ description: "One of its orchestrators has connected at least once" }),
    is_independent: z.boolean(),
    features: jsonObject,
    metadata: jsonObject,
    settings: jsonObject,
    last_seen: maybeMoment.meta({ description: "The newest of its orchestrators" }),
    created_at: moment,
    updated_at: moment,
  })
  .meta({ id: "Organization", description: "An organization and the state that follows from its orchestrators" });

export type Organization = z.infer<typeof organization>;
export type OrganizationQuery = z.infer<typeof organizationQuery>;
