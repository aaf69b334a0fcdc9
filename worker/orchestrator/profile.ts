import type { Dropped } from "../contract/cleaning.ts";
import type { ErrorDetail } from "../contract/errors.ts";
import type { HandshakeMetadata } from "../contract/frames.ts";
import { findJsonProblem, type JsonObject } from "../contract/json.ts";
import type { RegistrationFields } from "../contract/orchestrator.ts";
import type { Profile } from "../contract/presence.ts";
import { MAX_FRAME_BYTES } from "../contract/values/limits.ts";
import { type Change, differenceOf } from "../platform/json-difference.ts";
import { maskProblem, withoutMasks } from "../platform/redact.ts";
import type { Owned } from "./state.ts";

/** What the orchestrator reports about itself. Absent values never overwrite; `features` are those in force. */
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

/** Name and location as they are in force, and as the orchestrator reports them. */
export function namesOf({ name, location, reportedName, reportedLocation }: Profile): RegistrationFields {
  return {
    ...(name !== null && { name }),
    ...(location !== null && { location }),
    ...(reportedName && { reported_name: reportedName }),
    ...(reportedLocation && { reported_location: reportedLocation }),
  };
}

/** The part of the profile that Postgres stores. */
export function profileFields(profile: Profile): RegistrationFields {
  return { ...namesOf(profile), metadata: profile.metadata, features: profile.features };
}

/** The profile as an audit row shows it. */
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
 * What changed by a report of the orchestrator about itself; null: nothing that the audit keeps. A number among the
 * metadata with another value is a measurement, which may change every second, and no change of a setting.
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

/** Whether the profile stays within one frame: each frame is bounded, but the sum of what several add is not. */
export function fitsFrame(profile: Profile): boolean {
  if (findJsonProblem([profile.metadata, profile.features])) return false;
  return new TextEncoder().encode(JSON.stringify(profile)).byteLength <= MAX_FRAME_BYTES / 2;
}

/** Features merged per top-level key; null when the result would not fit. */
export function mergeFeatures(known: JsonObject, told: JsonObject | undefined): JsonObject | null {
  if (!told) return known;
  const features = { ...known, ...told };
  return fitsFrame({ name: null, location: null, metadata: {}, features }) ? features : null;
}

/** The fields of a registration that are sent to the orchestrator again: a mask there would replace the secret. */
const TOLD = ["features", "metadata", "session_config"] as const;

/** Why a person's registration is refused; null when it holds no mask. */
export function masksIn(fields: RegistrationFields): ErrorDetail | null {
  return maskProblem(Object.fromEntries(TOLD.map((name) => [name, fields[name]])));
}

/** An orchestrator is not refused for a decoration. An object that held nothing but masks does not empty what is stored. */
export function dropMasks(fields: RegistrationFields): { fields: RegistrationFields; dropped: Dropped[] } {
  const result = { ...fields };
  const dropped: Dropped[] = [];
  for (const name of TOLD) {
    const given = fields[name];
    if (!given) continue;
    const { kept, paths } = withoutMasks(given);
    for (const path of paths)
      dropped.push({ path: `${name}.${path}`, reason: "a mask, not the secret that it stands for" });
    if (paths.length > 0 && Object.keys(kept).length === 0) delete result[name];
    else result[name] = kept;
  }
  return { fields: result, dropped };
}
