import {
  type FleetMember,
  inMillis,
  type Millis,
  type PresenceReport,
  type PresenceView,
  toWire,
} from "../contract/presence.ts";
import type {
  FeedEvent,
  FeedEventType,
  Repeats,
  ServerStreamFrame,
  StreamOrganization,
  StreamRow,
} from "../contract/stream.ts";
import { shortHash } from "../platform/hash.ts";

/** One change of a shard, under its index: a row of the feed. */
export interface Change {
  index: number;
  at: Millis;
  orchestratorId: string;
  organizationId: string;
  /** The organization that it was in before, when that is another one. */
  leftOrganizationId: string | null;
  /** Whether the orchestrator's row changed or went; otherwise something only happened. */
  row: boolean;
  event: Happening | null;
}

export interface Happening {
  type: FeedEventType;
  detail: string | null;
  repeats?: Repeats;
}

/** A change that has no index yet. */
export type NewChange = Omit<Change, "index" | "at">;

/** The members of the shard as they are now. */
export interface Members {
  get(orchestratorId: string): FleetMember | undefined;
  organization(organizationId: string): StreamOrganization | undefined;
}

/** The organizations a viewer may see, or null for all. */
export type Scope = readonly string[] | null;

export function sees(scope: Scope, organizationId: string): boolean {
  return scope === null || scope.includes(organizationId);
}

const MAX_ERROR_CHARS = 256;

export function rowOf(view: PresenceView): StreamRow {
  const { last_activity: _, ...presence } = toWire(view, inMillis);
  return {
    orchestrator_id: view.orchestratorId,
    organization_id: view.organizationId,
    ...presence,
    connected_at: view.connectedAt,
    config_error: view.configError?.slice(0, MAX_ERROR_CHARS) ?? null,
  };
}

/** Whether a viewer's row differs by more than when it was last seen and how often it was reported. */
export function rowDiffers(a: PresenceView, b: PresenceView): boolean {
  const plain = (view: PresenceView) => ({ ...rowOf(view), last_seen: null, presence_version: null });
  const [left, right] = [plain(a), plain(b)];
  return (Object.keys(left) as (keyof StreamRow)[]).some((key) => left[key] !== right[key]);
}

/** The aggregate of all members of one organization; undefined when it has none. */
export function aggregate(organizationId: string, views: Iterable<PresenceView>): StreamOrganization | undefined {
  let orchestrators = 0;
  let connected = 0;
  let active = false;
  let independent = 0;
  let lastSeen: Millis | null = null;
  for (const view of views) {
    orchestrators += 1;
    if (view.connected) connected += 1;
    active ||= view.status === "active";
    if (view.status === "independent") independent += 1;
    if (view.lastSeenAt !== null && (lastSeen === null || view.lastSeenAt > lastSeen)) lastSeen = view.lastSeenAt;
  }
  if (orchestrators === 0) return undefined;
  const status = active ? "active" : independent === orchestrators ? "independent" : "inactive";
  return { organization_id: organizationId, status, orchestrators, connected, last_seen: lastSeen };
}

/**
 * The changes that a report causes; none for a plain heartbeat. One for each event, or one without an event when only the
 * row has changed.
 */
export function changesOf(
  before: PresenceView | undefined,
  after: PresenceView,
  transition: PresenceReport["transition"],
): NewChange[] {
  if (before && transition === null && !rowDiffers(before, after)) return [];
  const { orchestratorId, organizationId } = after;
  const left = before && before.organizationId !== organizationId ? before.organizationId : null;
  const change = { orchestratorId, organizationId, leftOrganizationId: left, row: true };
  const events =
    before?.generation === after.generation ? happenings(before, after, transition) : arrivals(after, transition);
  return events.length === 0 ? [{ ...change, event: null }] : events.map((event) => ({ ...change, event }));
}

/** The change of a removed member. Only a deregistration is an event; otherwise the shard had held it by mistake. */
export function removalOf({ orchestratorId, organizationId }: PresenceView, deregistered: boolean): NewChange {
  const event: Happening | null = deregistered ? { type: "deregistered", detail: null } : null;
  return { orchestratorId, organizationId, leftOrganizationId: null, row: true, event };
}

/** The events of a member that is new to this shard, which does not mean that it has just been registered. */
function arrivals(after: PresenceView, transition: PresenceReport["transition"]): Happening[] {
  const hasConnected = transition === "connected";
  const events: Happening[] = [];
  if (transition === "registered" || (hasConnected && after.epoch === 1)) {
    events.push({ type: "registered", detail: null });
  }
  if (hasConnected) events.push({ type: "connected", detail: null });
  return events;
}

function happenings(before: PresenceView, after: PresenceView, transition: PresenceReport["transition"]): Happening[] {
  const events: Happening[] = [];
  const add = (type: FeedEventType, detail: string | null) => events.push({ type, detail });
  const wentSilent = before.status === "active" && after.status === "inactive";
  if (transition === "registered") add("registered", null);
  if (transition === "connected" || (after.connected && !before.connected)) {
    add("connected", before.connected ? "replaces the previous session" : null);
  } else if (transition === "left" && (before.connected || wentSilent)) {
    add("disconnected", "the orchestrator has signed off");
  } else if (transition === "disconnected" && before.connected) {
    add("disconnected", null);
  } else if (wentSilent && transition !== "disconnected") {
    add("lost", "no heartbeat in time");
  } else if (before.connected && !after.connected && after.status !== "active") {
    add("lost", null);
  } else if (before.status === "inactive" && after.status === "active") {
    add("connected", "active again");
  }
  const healthIsNews = before.healthStatus !== "unknown" || after.healthStatus !== "healthy";
  if (before.healthStatus !== after.healthStatus && healthIsNews) {
    add("health", `${before.healthStatus} → ${after.healthStatus}`);
  }
  if (before.isIndependent !== after.isIndependent) {
    add("independence", after.isIndependent ? (after.privacyMode ? "on, private" : "on") : "off");
  } else if (before.privacyMode !== after.privacyMode) {
    add("independence", after.privacyMode ? "privacy mode on" : "privacy mode off");
  }
  if (isConfigNews(before, after)) add("config", `revision ${after.configRevision} ${configWords(after)}`);
  return events;
}

/** Losing the confirmation at the end of a session, and getting it back in the next one, is no event. */
function isConfigNews(before: PresenceView, after: PresenceView): boolean {
  if (before.configRevision !== after.configRevision) return after.configState !== "none";
  if (after.configState === "unconfirmed") return false;
  if (before.configState === "unconfirmed" && after.configState === "applied") return false;
  return before.configState !== after.configState && after.configState !== "none";
}

function configWords({ configState, configRunning }: PresenceView): string {
  if (configState !== "drifted") return configState;
  return `not running${configRunning == null ? "" : `, but revision ${configRunning}`}`;
}

/** The events that a viewer of this scope may see, in the order of the changes. */
export function* eventsOf(changes: Iterable<Change>, scope: Scope): Generator<FeedEvent> {
  for (const { index, at, orchestratorId, organizationId, event } of changes) {
    if (event && sees(scope, organizationId)) {
      yield { index, at, ...event, orchestrator_id: orchestratorId, organization_id: organizationId };
    }
  }
}

type Delta = Extract<ServerStreamFrame, { type: "delta" }>;

/** The delta of `changes`, which follow `from`, for a viewer of this scope: each row once, as it is now. */
export function deltaOf(changes: readonly Change[], from: number, scope: Scope, members: Members): Delta {
  const ids = new Set<string>();
  const organizationIds = new Set<string>();
  const frame: Delta = {
    type: "delta",
    from,
    to: changes.at(-1)?.index ?? from,
    rows: [],
    removed: [],
    organizations: [],
    removed_organizations: [],
    events: [...eventsOf(changes, scope)],
  };
  for (const { orchestratorId, organizationId, leftOrganizationId, row } of changes) {
    const touched = leftOrganizationId === null ? [organizationId] : [organizationId, leftOrganizationId];
    const visible = touched.filter((id) => sees(scope, id));
    if (row && visible.length > 0) ids.add(orchestratorId);
    if (row) for (const id of visible) organizationIds.add(id);
  }
  for (const id of ids) {
    const view = members.get(id)?.view;
    if (view && sees(scope, view.organizationId)) frame.rows.push(rowOf(view));
    else frame.removed.push(id);
  }
  for (const id of organizationIds) {
    const organization = members.organization(id);
    if (organization) frame.organizations.push(organization);
    else frame.removed_organizations.push(id);
  }
  return frame;
}

/** Whether a delta only advances the index, which a viewer need not be sent at once. */
export function isEmpty(frame: Delta): boolean {
  const { rows, removed, organizations, removed_organizations, events } = frame;
  return [rows, removed, organizations, removed_organizations, events].every((list) => list.length === 0);
}

/** Identifies what a viewer may see, so that a cursor is not accepted from one with another scope. */
export function scopeTag(scope: Scope): string {
  return scope === null ? "all" : shortHash(JSON.stringify([...scope].sort()));
}
