import { createMemo, createSignal, For, Show } from "solid-js";
import { displayName } from "../../../../common/text.ts";
import { outcomeOf, toFailure } from "../../lib/failure.ts";
import { plural } from "../../lib/numbers.ts";
import { momentOf } from "../../lib/time.ts";
import { useFleet } from "../../live/context.ts";
import { ConfigMark } from "../../ui/marks.tsx";
import { Moment } from "../../ui/moment.tsx";
import { notify } from "../../ui/toast.tsx";
import { hasAge } from "../orchestrator/config-states.ts";
import { overlay } from "../orchestrator/overlay.ts";
import { mayOperate } from "../session/session.ts";
import { type ConfigDetail, pushConfig } from "./api.ts";
import { canResend, countStates, explainRollout, type Rollout, sortRollouts } from "./rollout.ts";

const STEP = 50;

interface RolloutPanelProps {
  /** The current revision. */
  revision: number;
  rollouts: readonly Rollout[];
  /** The total number of orchestrators; fewer may be listed. */
  total: number;
}

/** The rollout of the published revision by orchestrator, live from the stream. */
export function RolloutPanel(props: RolloutPanelProps) {
  const [limit, setLimit] = createSignal(STEP);
  const sorted = createMemo(() => sortRollouts(props.rollouts));
  const whyNothing = () =>
    props.revision === 0
      ? "Orchestrators keep their own configuration until you publish one."
      : "This organization has no orchestrators yet.";
  return (
    <section class="panel config-rollout" aria-label="Rollout">
      <h2 tabIndex={-1}>{props.revision === 0 ? "Nothing published yet" : `Rollout of revision ${props.revision}`}</h2>
      <Show when={props.revision > 0 && props.rollouts.length > 0} fallback={<p class="muted">{whyNothing()}</p>}>
        <p class="config-counts">
          <For each={countStates(props.rollouts)}>
            {({ state, count }) => (
              <span>
                <span class="number">{count}</span> <ConfigMark state={state} />
              </span>
            )}
          </For>
        </p>
        <ul class="config-states" aria-label="State by orchestrator">
          <For each={sorted().slice(0, limit())}>
            {(rollout) => <Row rollout={rollout} published={props.revision} />}
          </For>
        </ul>
        <Show when={sorted().length > limit()}>
          <button class="button" type="button" onClick={() => setLimit(limit() + STEP)}>
            Show {Math.min(STEP, sorted().length - limit())} more
          </button>
        </Show>
        <Show when={props.total > props.rollouts.length}>
          <p class="hint">
            {plural(props.total - props.rollouts.length, "orchestrator is", "orchestrators are")} not listed.
          </p>
        </Show>
      </Show>
    </section>
  );
}

function Row(props: { rollout: Rollout; published: number }) {
  const [isBusy, setBusy] = createSignal(false);
  const id = () => props.rollout.orchestratorId;
  const resend = async () => {
    if (isBusy()) return;
    setBusy(true);
    try {
      await pushConfig(id());
      notify({ tone: "success", text: `Revision ${props.published} resent to ${id()}` });
    } catch (error) {
      notify({ tone: "danger", text: outcomeOf(toFailure(error), `Nothing was sent to ${id()}.`) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <li data-id={id()} data-state={props.rollout.state}>
      <code>{id()}</code>
      <ConfigMark state={props.rollout.state} />
      <p class="hint">
        {explainRollout(props.rollout, props.published)}{" "}
        <Show when={hasAge(props.rollout.state) && props.rollout.since}>
          {(since) => (
            <>
              Since <Moment at={since()} isPlain />.
            </>
          )}
        </Show>
      </p>
      <Show when={mayOperate() && canResend(props.rollout)}>
        <button
          class="button"
          type="button"
          aria-label={`Resend to ${id()}`}
          aria-disabled={isBusy()}
          onClick={() => void resend()}
        >
          Resend
        </button>
      </Show>
    </li>
  );
}

/** Combines the loaded states with newer ones from the stream. */
export function useRollouts(detail: () => ConfigDetail | undefined): () => Rollout[] {
  const fleet = useFleet();
  return createMemo(() =>
    (detail()?.orchestrators ?? []).map((entry) => {
      const answer = {
        status: entry.status,
        connected: entry.connected,
        config_state: entry.state,
        config_revision: entry.revision,
        config_error: entry.error,
        config_since: momentOf(entry.since),
        config_running_revision: entry.running_revision,
      };
      const known = overlay(answer, fleet.row(entry.orchestrator_id));
      return {
        orchestratorId: entry.orchestrator_id,
        state: known.config_state,
        revision: known.config_revision,
        error: displayName(known.config_error) || null,
        since: known.config_since,
        running: known.config_running_revision,
        connected: known.connected,
        status: known.status,
      };
    }),
  );
}
