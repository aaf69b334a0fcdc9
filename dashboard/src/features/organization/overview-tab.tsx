import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { formatCount } from "../../lib/numbers.ts";
import { useFleet } from "../../live/context.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { OrchestratorCard } from "../orchestrator/orchestrator-card.tsx";
import type { OrganizationModel } from "./model.ts";

/** How many cards to show at a time; each card loads its orchestrator. */
const STEP = 6;

export function OverviewTab(props: { model: OrganizationModel }) {
  const [limit, setLimit] = createSignal(STEP);
  const [search] = useSearchParams<{ orchestrator?: string }>();
  /** A linked orchestrator comes first; otherwise it could be beyond the shown ones. */
  const members = createMemo(() => {
    const all = props.model.members();
    const wanted = all.find((id) => id === search.orchestrator);
    return wanted === undefined ? all : [wanted, ...all.filter((id) => id !== wanted)];
  });
  const shown = () => members().slice(0, limit());
  useFleet().watch(shown);
  return (
    <Show
      when={members().length > 0}
      fallback={
        <EmptyState
          kind="nothing-yet"
          title="No orchestrators yet"
          text="An orchestrator appears here when it connects or is registered. Create a join token in the Access tab to connect one."
        />
      }
    >
      <div class="orch-list">
        <For each={shown()}>
          {(id) => (
            <OrchestratorCard
              orchestratorId={id}
              organizationId={props.model.id}
              isAlone={props.model.members().length === 1}
            />
          )}
        </For>
      </div>
      <Show when={members().length > limit()}>
        <p class="orch-more">
          <button class="button" type="button" onClick={() => setLimit(limit() + STEP)}>
            Show {Math.min(STEP, members().length - limit())} more
          </button>
          <span class="muted">
            {formatCount(limit())} of {formatCount(members().length)} orchestrators
          </span>
        </p>
      </Show>
    </Show>
  );
}
