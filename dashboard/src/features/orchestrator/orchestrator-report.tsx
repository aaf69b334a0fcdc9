import { createMemo, For, Show } from "solid-js";
import type { OrchestratorDetail } from "../../lib/api.ts";
import { plural } from "../../lib/numbers.ts";
import { momentOf } from "../../lib/time.ts";
import { JsonView } from "../../ui/json-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { listFeatures } from "./features.ts";
import { listFigures } from "./reported.ts";

/** Reported metrics and features, and which secrets the controller stores for it, never their values. */
export function OrchestratorReport(props: { detail: OrchestratorDetail; isPrivate: boolean }) {
  const figures = createMemo(() => (props.isPrivate ? [] : listFigures(props.detail.metrics ?? {})));
  const features = createMemo(() => listFeatures(props.detail.features));
  const variables = () => props.detail.environment_variable_names;
  return (
    <div class="orch-report">
      <div>
        <h3>Metrics</h3>
        <Show
          when={figures().length > 0}
          fallback={<p class="muted">{props.isPrivate ? "Not stored in privacy mode" : "None reported"}</p>}
        >
          <dl class="orch-figures">
            <For each={figures()}>
              {(figure) => (
                <div>
                  <dt>
                    <Name of={figure.name} />
                  </dt>
                  <dd>{figure.value}</dd>
                </div>
              )}
            </For>
          </dl>
        </Show>
      </div>
      <div>
        <h3>Features</h3>
        <Show when={features().length > 0} fallback={<p class="muted">None reported</p>}>
          <ul class="orch-features">
            <For each={features()}>
              {(feature) => (
                <li class="tag" data-on={feature.isOn}>
                  <Name of={feature.name} /> <span>{feature.value}</span>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </div>
      <Show when={props.detail.config_difference.length > 0}>
        <div class="orch-difference">
          <h3>Differences from the published configuration</h3>
          <p class="muted">
            Reported <Moment at={momentOf(props.detail.config_reported_at)} />
          </p>
          <ul aria-label="Differences">
            <For each={props.detail.config_difference}>
              {(each) => (
                <li>
                  <code>
                    <Name of={each.path} />
                  </code>
                  : published <Name of={valueText(each.published)} />, reported <Name of={valueText(each.reported)} />
                </li>
              )}
            </For>
          </ul>
        </div>
      </Show>
      <div>
        <h3>Secrets</h3>
        <ul class="orch-secrets">
          <li>Database URL: {isSet(props.detail.database_url_set)}</li>
          <li>Redis URL: {isSet(props.detail.redis_url_set)}</li>
          <li>
            Environment:{" "}
            <span title={variables().join(", ")}>
              {variables().length > 0 ? plural(variables().length, "variable") : "not set"}
            </span>
          </li>
        </ul>
      </div>
      <Show when={props.isPrivate ? null : props.detail.dropped}>
        {(dropped) => (
          <div class="orch-dropped">
            <h3>Invalid data</h3>
            <p>
              {plural(dropped().count, "invalid value")} {dropped().count === 1 ? "was" : "were"} dropped or truncated,
              last <Moment at={Date.parse(dropped().last_at)} /> ({dropped().reason}). All other data was accepted.
            </p>
            <ul class="orch-features" aria-label="Invalid fields">
              <For each={dropped().fields}>
                {(field) => (
                  <li class="tag">
                    <Name of={field} />
                  </li>
                )}
              </For>
            </ul>
          </div>
        )}
      </Show>
      <details>
        <summary>Full report</summary>
        <JsonView
          value={{
            metadata: props.detail.metadata,
            features: props.detail.features,
            metrics: props.detail.metrics,
            config_snapshot: props.detail.config_snapshot,
          }}
          label={`report of ${props.detail.orchestrator_id}`}
        />
      </details>
    </div>
  );
}

function valueText(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function isSet(value: boolean): string {
  return value ? "set" : "not set";
}
