import {
  type FleetMember,
  isNewer,
  later,
  type PresenceReport,
  type PresenceView,
  type Profile,
  presenceDiffers,
} from "../contract/presence.ts";
import { changesOf, type NewChange } from "./feed.ts";

const UNKNOWN_PROFILE: Profile = { name: null, location: null, metadata: {}, features: {} };

/** Fields that change without being news: when it was last seen and how often it reported, and what follows from others. */
const NO_NEWS = ["presence_version", "silent", "config_since"] as const;

/** Whether anything but the time it was last seen differs. */
export function stateDiffers(a: PresenceView, b: PresenceView): boolean {
  return presenceDiffers(a, b, [...NO_NEWS, "last_seen", "last_activity"]);
}

/** Whether Postgres would store anything different. */
function differs(a: PresenceView, b: PresenceView): boolean {
  return presenceDiffers(a, b, NO_NEWS);
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
