import type { JsonObject } from "../contract/json.ts";
import type { ActivityEntry } from "../contract/orchestrator.ts";
import type { Profile } from "../contract/presence.ts";
import { redact } from "../platform/redact.ts";

/**
 * An orchestrator's object keeps what it was given and tells its orchestrator just that. What it hands to anybody else is
 * for viewers, and passes here.
 */
export function shownProfile(profile: Profile): Profile {
  return {
    ...profile,
    name: profile.name && redact(profile.name),
    location: profile.location && redact(profile.location),
    // Absent where the code before has made the profile.
    ...(profile.reportedName && { reportedName: redact(profile.reportedName) }),
    ...(profile.reportedLocation && { reportedLocation: redact(profile.reportedLocation) }),
    metadata: redact(profile.metadata),
    features: redact(profile.features),
  };
}

export function shownActivity(entry: ActivityEntry): ActivityEntry {
  return { ...entry, data: redact(entry.data) };
}

/** Metrics are kept as text. */
export function shownMetrics(text: string | null): JsonObject | null {
  return text === null ? null : redact(JSON.parse(text) as JsonObject);
}

export function shownSnapshot(snapshot: { at: number; data: JsonObject } | null) {
  return snapshot && { at: snapshot.at, data: redact(snapshot.data) };
}
