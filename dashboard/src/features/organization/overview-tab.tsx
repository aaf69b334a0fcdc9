import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import { formatCount } from "../../lib/numbers.ts";
import { useFleet } from "../../live/context.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { OrchestratorCard } from "../orchestrator/orchestrator-card.tsx";
import type { OrganizationModel } from "./model.ts";

/** Each card asks for its orchestrator. */
const STEP = 6;

export function OverviewTab(props: { model: OrganizationModel }) {
  const [limit, setLimit] = createSignal(STEP);
  const [search] = useSearchParams<{ orchestrator?: string }>();
  /** The one that a link is about comes first, or it could be beyond those that are shown. */
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
          title="No orchestrator yet"
          text="It appears here as soon as one connects or is registered for this organization."
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
