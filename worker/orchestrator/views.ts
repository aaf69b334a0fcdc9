import type { OrganizationConfig } from "../contract/config.ts";
import type { JsonObject, JsonValue } from "../contract/json.ts";
import type {
  ActivityEntry,
  BeatHistory,
  ConfigDifference,
  ConfigDifferenceReport,
  DescribeOptions,
  OrchestratorDetail,
} from "../contract/orchestrator.ts";
import { later, type Millis, type PresenceView, type Profile } from "../contract/presence.ts";
import { type Place, placeOf } from "../contract/timeline.ts";
import { redact } from "../platform/redact.ts";
import { comparePlaces, isBefore } from "../platform/timeline.ts";
import { isPrivate, type OrchestratorRecord, type SocketState } from "./state.ts";

/*
 * What an orchestrator's object shows to others. It keeps what it was given and sends its orchestrator just that; what it
 * hands to anybody else is for viewers, and is masked here.
 */

export function shownProfile(profile: Profile): Profile {
  return {
    ...profile,
    name: profile.name && redact(profile.name),
    location: profile.location && redact(profile.location),
    ...(profile.reportedName && { reportedName: redact(profile.reportedName) }),
    ...(profile.reportedLocation && { reportedLocation: redact(profile.reportedLocation) }),
    metadata: redact(profile.metadata),
    features: redact(profile.features),
  };
}

/** The rows that a view reads. */
interface ViewRows {
  snapshot(): { at: Millis; data: JsonObject } | null;
  activityCount(): number;
  activity(limit: number, before: Place | null): ActivityEntry[];
}

/** One registered orchestrator in full. */
export function detailOf(
  record: OrchestratorRecord,
  open: SocketState | null,
  view: PresenceView,
  rows: ViewRows,
  { withSnapshot, withActivityCount }: DescribeOptions = {},
): OrchestratorDetail {
  const { session, epoch, generation, registeredAt } = record;
  const { id, openedAt, dialect } = session ?? {};
  const beats = open?.beats ?? record.beats;
  const metrics = open?.metrics ?? record.metrics;
  const snapshot = withSnapshot ? rows.snapshot() : null;
  return {
    view,
    profile: shownProfile(record.profile),
    generation,
    registeredAt,
    session: open && id && openedAt && dialect ? { epoch, id, openedAt, dialect } : null,
    metrics: metrics === null ? null : redact(JSON.parse(metrics) as JsonObject),
    dropped: open ? (open.dropped ?? null) : record.dropped,
    clockOffsetMs: open ? (open.clock?.offsetMs ?? null) : record.clockOffsetMs,
    beats,
    ...(withActivityCount && { activityCount: rows.activityCount() + beats.recent.length }),
    ...(withSnapshot && {
      configSnapshot: snapshot && { at: snapshot.at, data: redact(snapshot.data) },
      configDifference: differenceOf(record, open, snapshot),
    }),
  };
}

/** Newest first: stored events joined with the beats that are held in the attachment or the record. */
export function activityOf(
  { beats }: { beats: BeatHistory },
  rows: ViewRows,
  limit: number,
  before: Place | null,
): ActivityEntry[] {
  const held = beatEntries(beats).filter((entry) => isBefore(placeOf(entry), before));
  const stored = rows.activity(limit, before).map((entry) => ({ ...entry, data: redact(entry.data) }));
  return [...stored, ...held].sort((left, right) => comparePlaces(placeOf(left), placeOf(right))).slice(0, limit);
}

/**
 * The last beats as activity, newest first. Within a millisecond they come after what is stored, whose `n` is above 0, and
 * are counted from the newest, because the oldest may go at any time.
 */
function beatEntries({ recent }: BeatHistory): ActivityEntry[] {
  const newestFirst = recent.toReversed();
  return newestFirst.map(({ at, ignored }, index) => {
    const newer = newestFirst.slice(0, index).filter((beat) => beat.at === at).length;
    return { at, n: -1 - newer, type: "keepalive", data: { ignored } };
  });
}

/** What is shown of one orchestrator. */
export const MAX_DIFFERENCES = 50;
const MAX_VALUE_CHARS = 256;
const PARTS = ["features", "settings", "policies"] as const;

type Reported = Partial<Record<(typeof PARTS)[number], JsonObject>>;

/**
 * Where what an orchestrator reports is not what it was told. Only what was published counts: keys of its own are its own.
 * `withdrawn`: features that were published before and are not any more.
 */
export function compareConfig(
  published: OrganizationConfig,
  reported: Reported,
  withdrawn: readonly string[],
): ConfigDifference[] {
  const found: ConfigDifference[] = [];
  for (const part of PARTS) {
    const own = reported[part];
    if (own) compare(part, published[part], own, found);
  }
  for (const name of withdrawn) {
    const value = reported.features?.[name];
    if (value !== undefined && published.features[name] === undefined)
      found.push({ path: `features.${name}`, reported: clip(value) });
  }
  return found.slice(0, MAX_DIFFERENCES);
}

function compare(path: string, published: JsonValue, reported: JsonValue | undefined, found: ConfigDifference[]): void {
  if (found.length >= MAX_DIFFERENCES) return;
  if (isObject(published) && isObject(reported)) {
    for (const [key, value] of Object.entries(published)) compare(`${path}.${key}`, value, reported[key], found);
  } else if (reported === undefined) {
    found.push({ path, published: clip(published) });
  } else if (!isSame(published, reported)) {
    found.push({ path, published: clip(published), reported: clip(reported) });
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whatever the order of the keys. */
function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, index) => isSame(value, b[index]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => isSame(a[key], b[key]));
}

function clip(value: JsonValue): JsonValue {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= MAX_VALUE_CHARS ? value : `${text.slice(0, MAX_VALUE_CHARS).toWellFormed()}…`;
}

/**
 * What an orchestrator has reported since it was told the published configuration, beside that. Null: it has reported
 * nothing since, as clients that only speak of their features in a handshake.
 */
export function differenceOf(
  record: OrchestratorRecord,
  socket: SocketState | null,
  snapshot: { at: Millis; data: JsonObject } | null,
): ConfigDifferenceReport | null {
  const { toldConfig, toldAt, profile, publishedFeatures } = record;
  if (toldConfig.revision === 0 || isPrivate(record)) return null;
  const isNews = (at: Millis | null): at is Millis => at !== null && at > (toldAt ?? 0);
  const featuresAt = later(record.featuresAt, socket?.featuresAt ?? null);
  const allFeaturesAt = later(record.allFeaturesAt, socket?.allFeaturesAt ?? null);
  const snapshotAt = snapshot?.at ?? null;
  const at = [featuresAt, snapshotAt].filter(isNews).reduce<Millis | null>(later, null);
  if (at === null) return null;
  const reported: Reported = {};
  if (snapshot && isNews(snapshotAt)) {
    for (const part of PARTS) {
      const value = snapshot.data[part];
      if (isObject(value)) reported[part] = value;
    }
  }
  if (isNews(featuresAt) && (snapshotAt ?? 0) <= featuresAt) reported.features = profile.features;
  // Heartbeats add to the features that are known, and so do not tell that one is gone.
  const isWhole = isNews(allFeaturesAt) || (reported.features !== undefined && reported.features !== profile.features);
  const items = compareConfig(
    redact(toldConfig as unknown as JsonObject) as unknown as OrganizationConfig,
    redact(reported as JsonObject) as Reported,
    isWhole ? publishedFeatures : [],
  );
  return { at, items };
}
