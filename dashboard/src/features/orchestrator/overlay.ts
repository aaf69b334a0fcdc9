import { type Accessor, createMemo } from "solid-js";
import type { StreamRow } from "../../../../worker/contract/stream.ts";
import { wishedStatus } from "../../lib/status.ts";
import { type FleetLive, useFleet } from "../../live/context.ts";
import { type PresenceAnswer, toRow } from "../../live/poll.ts";
import { shownIndependence } from "./wishes.ts";

/**
 * Merges a REST response and the live view of one orchestrator: the newer one wins, and fields that only the older one
 * has are kept. The one without a version is the older one, because it was read from the database only. The live view
 * wins over a response that is equally new.
 */
export function overlay<T extends Partial<StreamRow>>(answer: T, live: StreamRow | undefined): T {
  if (!live) return answer;
  const [older, newer] = isOlder(live, answer) ? [live, answer] : [answer, live];
  // Heartbeats do not raise the version.
  const lastSeen = Math.max(answer.last_seen ?? 0, live.last_seen ?? 0) || null;
  return { ...older, ...newer, last_seen: lastSeen } as T;
}

function isOlder(one: Partial<StreamRow>, other: Partial<StreamRow>): boolean {
  const [left, right] = [one.presence_version, other.presence_version];
  if (!left) return Boolean(right);
  if (!right) return false;
  const index = left.findIndex((number, place) => number !== right[place]);
  return index !== -1 && (left[index] ?? 0) < (right[index] ?? 0);
}

export interface Presence extends StreamRow {
  /** Applies a pending change of independence. */
  isIndependent: boolean;
}

/**
 * The presence of one orchestrator for every page. A change of independence that was requested here is shown until the
 * controller refuses it.
 */
export function usePresence(id: Accessor<string>, answer: Accessor<PresenceAnswer>): Accessor<Presence>;
export function usePresence(
  id: Accessor<string>,
  answer: Accessor<PresenceAnswer | undefined>,
): Accessor<Presence | undefined>;
export function usePresence(id: Accessor<string>, answer: Accessor<PresenceAnswer | undefined>) {
  const fleet = useFleet();
  return createMemo<Presence | undefined>(() => {
    const [fetched, live] = [answer(), fleet.row(id())];
    const known = fetched ? overlay(toRow(fetched), live) : live;
    if (!known) return undefined;
    const isIndependent = shownIndependence(id(), known.is_independent);
    return { ...known, status: wishedStatus(known.status, isIndependent, known.connected), isIndependent };
  });
}

/**
 * The live rows of an organization, to use in place of a response that was received at `answeredAt`. Empty if the
 * response is newer, because the connection had ended before.
 */
export function liveRowsOf(fleet: FleetLive, organizationId: string, answeredAt: number | null): StreamRow[] {
  const { mode, sinceAt } = fleet.connection();
  if (mode !== "live" && mode !== "polling" && answeredAt !== null && answeredAt >= sinceAt) return [];
  return fleet.membersOf(organizationId).flatMap((member) => fleet.row(member) ?? []);
}
