import { type FleetMember, later, type PresenceReport, type PresenceView, type Profile } from "../contract/presence.ts";
import { changesOf, type NewChange } from "./feed.ts";

const UNKNOWN_PROFILE: Profile = { name: null, location: null, metadata: {}, features: {} };

/** Whether `a` was made after `b`: `(generation, epoch, seq)` decides, never a clock. */
function isNewer(a: PresenceView, b: PresenceView): boolean {
  if (a.generation !== b.generation) return a.generation > b.generation;
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);
}

/** Whether anything but the time it was last seen differs. */
export function stateDiffers(a: PresenceView, b: PresenceView): boolean {
  return (
    a.status !== b.status ||
    a.connected !== b.connected ||
    a.healthStatus !== b.healthStatus ||
    (a.contested ?? false) !== (b.contested ?? false) ||
    a.isIndependent !== b.isIndependent ||
    a.privacyMode !== b.privacyMode ||
    a.configRevision !== b.configRevision ||
    a.configState !== b.configState ||
    a.configError !== b.configError ||
    (a.configRunning ?? null) !== (b.configRunning ?? null)
  );
}

/** Whether Postgres would store anything different. */
function differs(a: PresenceView, b: PresenceView): boolean {
  return stateDiffers(a, b) || a.lastSeenAt !== b.lastSeenAt || a.lastActivityAt !== b.lastActivityAt;
}

export interface Merge {
  /** null: the report is older than the stored view, or the member was removed. */
  member: FleetMember | null;
  /** What viewers have to be sent. A member with changes is also stored; a plain heartbeat writes nothing. */
  changes: NewChange[];
  /** Whether it has to be written to Postgres. */
  dirty: boolean;
  removed: boolean;
}

/** Merges one report into one member. */
export function mergeReport(known: FleetMember | undefined, report: PresenceReport): Merge {
  const { view, transition, profile } = report;
  const nothing = { member: null, changes: [], dirty: false, removed: false };
  // A deregistration is reported with the same version as the last report before it.
  if (transition === "deregistered") return { ...nothing, removed: known !== undefined && !isNewer(known.view, view) };
  if (known && !isNewer(view, known.view)) return nothing;
  // After a reset the object may report an earlier moment than this shard has stored.
  const lastSeenAt =
    known?.view.generation === view.generation ? later(view.lastSeenAt, known.view.lastSeenAt) : view.lastSeenAt;
  const next = { ...view, lastSeenAt };
  // Heartbeats are written to Postgres once per report interval, even when the member is watched.
  const tells = report.sight ? stateDiffers : differs;
  return {
    member: { view: next, profile: profile ?? known?.profile ?? UNKNOWN_PROFILE },
    changes: changesOf(known?.view, next, transition),
    dirty: !known || transition !== null || tells(next, known.view),
    removed: false,
  };
}

const BURIED_KEPT = 1_000;

/** Deregistered members: a report that was in flight at that moment must not bring them back. */
export class Buried {
  readonly #views = new Map<string, PresenceView>();

  add(view: PresenceView): void {
    this.#views.set(view.orchestratorId, view);
    const [oldest] = this.#views.keys();
    if (oldest !== undefined && this.#views.size > BURIED_KEPT) this.#views.delete(oldest);
  }

  /** Whether this view is not newer than the deregistration. */
  covers(view: PresenceView): boolean {
    const buried = this.#views.get(view.orchestratorId);
    return buried !== undefined && !isNewer(view, buried);
  }
}
