import type { HandshakeMetadata } from "../contract/frames.ts";
import type { JsonObject } from "../contract/json.ts";
import type { RegistrationFields } from "../contract/orchestrator.ts";
import type { Profile } from "../contract/presence.ts";
import { type Change, differenceOf } from "../platform/json-difference.ts";

/** Whether a person or a registration has set it. Then what the orchestrator reports stands beside it. */
export interface Owned {
  name: boolean;
  location: boolean;
}

export const UNOWNED: Owned = { name: false, location: false };

export const NO_PROFILE: Profile = {
  name: null,
  location: null,
  reportedName: null,
  reportedLocation: null,
  metadata: {},
  features: {},
};

/** What the orchestrator says of itself. Absent values never overwrite; `features` are what it applies at the moment. */
export function mergeProfile(profile: Profile, owned: Owned, metadata: HandshakeMetadata): Profile {
  const { name, location, features, ...rest } = metadata;
  return {
    name: owned.name ? profile.name : (name ?? profile.name),
    location: owned.location ? profile.location : (location ?? profile.location),
    reportedName: name ?? profile.reportedName ?? null,
    reportedLocation: location ?? profile.reportedLocation ?? null,
    metadata: {
      ...profile.metadata,
      ...(rest as JsonObject),
      ...(name ? { name } : {}),
      ...(location ? { location } : {}),
    },
    features: features ?? profile.features,
  };
}

/** Name and location as they are, and what the orchestrator itself calls them. */
export function namesOf({ name, location, reportedName, reportedLocation }: Profile): RegistrationFields {
  return {
    ...(name !== null && { name }),
    ...(location !== null && { location }),
    ...(reportedName && { reported_name: reportedName }),
    ...(reportedLocation && { reported_location: reportedLocation }),
  };
}

/** What Postgres has to hear of it. */
export function profileFields(profile: Profile): RegistrationFields {
  return { ...namesOf(profile), metadata: profile.metadata, features: profile.features };
}

/** What an audit row tells of a profile. */
export function auditedProfile(profile: Profile): JsonObject {
  const { name, location, reportedName, reportedLocation, metadata, features } = profile;
  return {
    name,
    location,
    reported_name: reportedName ?? null,
    reported_location: reportedLocation ?? null,
    metadata,
    features,
  };
}

/**
 * What changed when the orchestrator spoke of itself; null: nothing that the audit keeps. A number among the metadata that
 * has another value now is a measurement, of which there may be one a second, and no change of a setting.
 */
export function reportedChange(before: Profile, after: Profile): Change | null {
  const metadata = Object.fromEntries(
    Object.entries(after.metadata).map(([key, value]) => {
      const old = before.metadata[key];
      return [key, typeof old === "number" && typeof value === "number" ? old : value];
    }),
  );
  return differenceOf(auditedProfile(before), auditedProfile({ ...after, metadata }));
}
