import { type Accessor, createEffect, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import type { LiveOrchestrator, Orchestrator, Organization, Registered } from "../lib/api.ts";
import { Failure, toFailure } from "../lib/failure.ts";
import {
  type FleetQuery,
  fetchLive,
  fetchOrchestrators,
  fetchOrganizations,
  fetchRegistered,
  putIndependence,
  queryKey,
} from "./fleet-api.ts";
import { createPoller, type PollerState } from "./poller.ts";
import { type OrganizationView, viewOrganization } from "./presence.ts";

const INTERVAL_MS = 2000;
const MAX_INTERVAL_MS = 30_000;
/** Above this the short list of every orchestrator is too long for every turn. */
const SMALL_FLEET = 500;
const LARGE_FLEET_INTERVAL_MS = 30_000;

interface FleetState {
  /** null until the first answer. */
  organizations: Organization[] | null;
  totalItems: number;
  totalPages: number;
  /** The {@link queryKey} that the organizations answer. */
  shown: string | null;
  loadedAt: number | null;
  members: Record<string, Registered[]> | null;
  membersTotal: number;
  membersAt: number;
  live: Record<string, LiveOrchestrator>;
  /** The orchestrators of the open organizations, in full. */
  details: Record<string, Orchestrator[]>;
  /** Independence that was asked for and is not answered yet, by orchestrator. */
  wanted: Record<string, boolean | undefined>;
  connection: PollerState;
}

export type Fleet = ReturnType<typeof createFleet>;

/** The data of the page: polled, patched in place so that focus, scroll and open rows stay. */
export function createFleet(query: Accessor<FleetQuery>, open: Accessor<readonly string[]>) {
  const [state, setState] = createStore<FleetState>({
    organizations: null,
    totalItems: 0,
    totalPages: 0,
    shown: null,
    loadedAt: null,
    members: null,
    membersTotal: 0,
    membersAt: 0,
    live: {},
    details: {},
    wanted: {},
    connection: { failures: 0, error: null, nextAt: null },
  });

  let turns = 0;

  /** One look at everything on the page. What a later one has overtaken is dropped, so that nothing flickers back. */
  const refresh = async () => {
    turns += 1;
    const turn = turns;
    const apply = (change: () => void) => (turn === turns ? change() : undefined);
    const asked = query();

    const loadPage = async () => {
      const page = await fetchOrganizations(asked);
      apply(() => {
        setState("organizations", reconcile(page.items, { key: "organization_id" }));
        setState({
          totalItems: page.total_items,
          totalPages: page.total_pages,
          shown: queryKey(asked),
          loadedAt: Date.now(),
        });
      });
    };
    const loadMembers = async () => {
      const age = Date.now() - state.membersAt;
      if (state.membersTotal > SMALL_FLEET && age < LARGE_FLEET_INTERVAL_MS) return;
      const { total, members } = await fetchRegistered();
      apply(() => {
        setState("members", reconcile(members, { key: "orchestrator_id" }));
        setState({ membersTotal: total, membersAt: Date.now() });
      });
    };
    const loadLive = async () => {
      const live = await fetchLive();
      apply(() => setState("live", reconcile(live, { key: "orchestrator_id" })));
    };
    const loadDetail = async (id: string) => {
      const items = await fetchOrchestrators(id);
      apply(() => setState("details", id, reconcile(items, { key: "orchestrator_id" })));
    };

    const loads = [loadPage(), loadMembers(), loadLive(), ...open().map(loadDetail)];
    const results = await Promise.allSettled(loads);
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw toFailure(failed.reason);
  };

  const poller = createPoller({
    run: refresh,
    onState: (connection) => setState("connection", connection),
    intervalMs: () => INTERVAL_MS,
    maxIntervalMs: MAX_INTERVAL_MS,
    isVisible: () => !document.hidden,
    retryAfterSec: (error) => (error instanceof Failure ? error.retryAfterSec : null),
  });
  const wake = () => poller.poke();
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  onCleanup(() => {
    poller.stop();
    document.removeEventListener("visibilitychange", wake);
    window.removeEventListener("online", wake);
  });
  createEffect(on([query, open], wake));

  const isIndependent = (entry: Pick<Orchestrator, "orchestrator_id" | "is_independent">) =>
    state.wanted[entry.orchestrator_id] ?? entry.is_independent;

  /** Shows the wish at once and takes it back when the controller refuses; then throws a {@link Failure}. */
  const setIndependence = async (id: string, wanted: boolean) => {
    setState("wanted", id, wanted);
    try {
      await putIndependence(id, wanted);
      // Only what was asked after the answer is sure to show it.
      await refresh().catch(() => undefined);
    } catch (error) {
      throw toFailure(error);
    } finally {
      setState("wanted", id, undefined);
      poller.poke();
    }
  };

  const viewOf = (organization: Organization): OrganizationView =>
    viewOrganization(
      organization,
      state.members ? (state.members[organization.organization_id] ?? []) : undefined,
      state.live,
      state.membersTotal <= SMALL_FLEET,
    );

  return { state, isIndependent, setIndependence, viewOf, retry: wake };
}
