import { type Accessor, createContext, useContext } from "solid-js";
import type { FeedEvent, StreamLogLine, StreamOrganization, StreamRow } from "../../../worker/contract/stream.ts";
import type { FleetCounts } from "./store.ts";

export type ConnectionMode = "connecting" | "live" | "reconnecting" | "polling" | "paused";

export interface ConnectionState {
  mode: ConnectionMode;
  sinceAt: number;
  /** When the next attempt is due; null while one runs or none is needed. */
  retryAt: number | null;
  /** Why there is no live view for this page, in the controller's words, or null. */
  refusal: string | null;
}

/** The fleet, live, as long as somebody is logged in. */
export interface FleetLive {
  connection(): ConnectionState;
  /** A snapshot of all shards was applied once. */
  isReady(): boolean;
  /** Reactive to this one; a new object with every change of it. */
  row(orchestratorId: string): StreamRow | undefined;
  organization(organizationId: string): StreamOrganization | undefined;
  /** Orchestrator ids, sorted. */
  membersOf(organizationId: string): readonly string[];
  counts(): FleetCounts;
  /** Newest first, at most 1,000 since the page was opened. */
  events(): readonly FeedEvent[];
  /** For the life of the owner. */
  onEvent(listener: (event: FeedEvent) => void): void;
  /** Exact sights of at most 200 orchestrators, for the life of the owner. */
  watch(ids: Accessor<readonly string[]>): void;
  /** Follows the log of the controller for the life of the owner. */
  onLogs(listener: (lines: StreamLogLine[]) => void): void;
  /** Nothing on the page changes by itself any more (WCAG 2.2.2); remembered. */
  setPaused(isPaused: boolean): void;
}

export const FleetContext = createContext<FleetLive>();

export function useFleet(): FleetLive {
  const fleet = useContext(FleetContext);
  if (!fleet) throw new Error("useFleet is for pages behind the login");
  return fleet;
}
