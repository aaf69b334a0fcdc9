import { type FleetMember, later, type PresenceReport, type PresenceView, type Profile } from "../contract/presence.ts";
import { changesOf, type NewChange } from "./feed.ts";

const UNKNOWN_PROFILE: Profile = { name: null, location: null, metadata: {}, features: {} };

/** Whether `a` was made after `b`: `(generation, epoch, seq)` decides, never a clock. */
function isNewer(a: PresenceView, b: PresenceView): boolean {
  if (a.generation !== b.generation) return a.generation > b.generation;
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq);
}

/** Whether more differs than when it was last seen. */
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
  /** null: the report is older than what is known, or the member is gone. */
  member: FleetMember | null;
  /** What viewers have to hear. The member needs a row then: transitions do, a plain beat does not. */
  changes: NewChange[];
  /** Whether Postgres has to hear of it. */
  dirty: boolean;
  removed: boolean;
}

/** What one report makes of one member. */
export function mergeReport(known: FleetMember | undefined, report: PresenceReport): Merge {
  const { view, transition, profile } = report;
  const nothing = { member: null, changes: [], dirty: false, removed: false };
  // Its end is told with the number of what was told while it ended.
  if (transition === "deregistered") return { ...nothing, removed: known !== undefined && !isNewer(known.view, view) };
  if (known && !isNewer(view, known.view)) return nothing;
  // After a reset the object knows less of the past than this shard.
  const lastSeenAt =
    known?.view.generation === view.generation ? later(view.lastSeenAt, known.view.lastSeenAt) : view.lastSeenAt;
  const next = { ...view, lastSeenAt };
  // Postgres hears of beats once in a report interval, whoever watches.
  const tells = report.sight ? stateDiffers : differs;
  return {
    member: { view: next, profile: profile ?? known?.profile ?? UNKNOWN_PROFILE },
    changes: changesOf(known?.view, next, transition),
    dirty: !known || transition !== null || tells(next, known.view),
    removed: false,
  };
}

const BURIED_KEPT = 1_000;

/** Those that were deregistered: a report that was under way then must not bring them back. */
export class Buried {
  readonly #views = new Map<string, PresenceView>();

  add(view: PresenceView): void {
    this.#views.set(view.orchestratorId, view);
    const [oldest] = this.#views.keys();
    if (oldest !== undefined && this.#views.size > BURIED_KEPT) this.#views.delete(oldest);
  }

  /** Whether this is older than its end. */
  covers(view: PresenceView): boolean {
    const buried = this.#views.get(view.orchestratorId);
    return buried !== undefined && !isNewer(view, buried);
  }
}
