import { type Accessor, createMemo } from "solid-js";
import type { StreamRow } from "../../../../worker/contract/stream.ts";
import { wishedStatus } from "../../lib/status.ts";
import { type FleetLive, useFleet } from "../../live/context.ts";
import { type PresenceAnswer, toRow } from "../../live/poll.ts";
import { shownIndependence } from "./wishes.ts";

/**
 * What a REST answer and the live view say of one orchestrator: all that the newer of them says, and what only the older
 * one has. An answer without a version is the older one: only the database was read for it.
 */
export function overlay<T extends Partial<StreamRow>>(answer: T, live: StreamRow | undefined): T {
  if (!live) return answer;
  const [older, newer] = isOlder(live, answer) ? [live, answer] : [answer, live];
  // Recorded heartbeats raise no version.
  const lastSeen = Math.max(answer.last_seen ?? 0, live.last_seen ?? 0) || null;
  return { ...older, ...newer, last_seen: lastSeen } as T;
}

function isOlder(one: Partial<StreamRow>, other: Partial<StreamRow>): boolean {
  const [left, right] = [one.presence_version, other.presence_version];
  if (!left || !right) return false;
  const index = left.findIndex((number, place) => number !== right[place]);
  return index !== -1 && (left[index] ?? 0) < (right[index] ?? 0);
}

export interface Presence extends StreamRow {
  /** With what somebody has just asked for. */
  isIndependent: boolean;
}

/**
 * The presence of one orchestrator as every page shows it. Independence that somebody has just asked for here is shown
 * until the controller has refused it.
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
 * The live rows of an organization, to be counted in place of an answer that was received at `answeredAt`. There are none
 * when the answer is the newer: the connection ended before it.
 */
export function liveRowsOf(fleet: FleetLive, organizationId: string, answeredAt: number | null): StreamRow[] {
  const { mode, sinceAt } = fleet.connection();
  if (mode !== "live" && mode !== "polling" && answeredAt !== null && answeredAt >= sinceAt) return [];
  return fleet.membersOf(organizationId).flatMap((member) => fleet.row(member) ?? []);
}
