import { type Accessor, createContext, useContext } from "solid-js";
import type { FeedEvent, StreamLogLine, StreamOrganization, StreamRow } from "../../../worker/contract/stream.ts";
import type { FleetCounts } from "./store.ts";

export type ConnectionMode = "connecting" | "live" | "reconnecting" | "polling" | "paused";

export interface ConnectionState {
  mode: ConnectionMode;
  sinceAt: number;
  /** When the next attempt is due; null while one runs or none is needed. */
  retryAt: number | null;
  /** The controller's reason for refusing live updates, or null. */
  refusal: string | null;
}

/** The live fleet, for the duration of a login. */
export interface FleetLive {
  connection(): ConnectionState;
  /** Whether the snapshots of all shards were applied once. */
  isReady(): boolean;
  /** Reactive to this row only; each change creates a new object. */
  row(orchestratorId: string): StreamRow | undefined;
  organization(organizationId: string): StreamOrganization | undefined;
  /** Orchestrator IDs, sorted. */
  membersOf(organizationId: string): readonly string[];
  counts(): FleetCounts;
  /** Events since the page was opened, newest first, at most 1,000. */
  events(): readonly FeedEvent[];
  /** For the life of the owner. */
  onEvent(listener: (event: FeedEvent) => void): void;
  /** Subscribes to the exact "last seen" of at most 200 orchestrators, for the life of the owner. */
  watch(ids: Accessor<readonly string[]>): void;
  /** Follows the controller log for the life of the owner. */
  onLogs(listener: (lines: StreamLogLine[]) => void): void;
  /** Pauses or resumes live updates (WCAG 2.2.2); the choice is stored. */
  setPaused(isPaused: boolean): void;
}

export const FleetContext = createContext<FleetLive>();

export function useFleet(): FleetLive {
  const fleet = useContext(FleetContext);
  if (!fleet) throw new Error("useFleet needs a page behind the login");
  return fleet;
}
