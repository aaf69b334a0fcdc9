import { createMemo, createSignal, For, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { useList } from "../../live/query.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { Field } from "../../ui/field.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Select } from "../../ui/select.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { Switch as Toggle } from "../../ui/switch.tsx";
import { type Activity, describeActivity, isHeartbeat } from "./activity-words.ts";
import type { OrganizationModel } from "./model.ts";

const MOST_ENTRIES = 200;
/** "All" sends one request per orchestrator; beyond this number only single ones can be selected. */
const MOST_TOGETHER = 10;
/** Heartbeats are not events of the stream, so they are polled. */
const HEARTBEATS_EVERY_MS = 5000;

type Entry = Activity & { orchestratorId: string };

/** The recent activity of the organization's orchestrators, as their objects keep it. */
export function ActivityTab(props: { model: OrganizationModel }) {
  const members = () => props.model.members();
  const [chosen, setChosen] = createSignal("");
  const [areBeatsShown, setBeatsShown] = createSignal(false);
  const asked = createMemo(() => {
    if (chosen() !== "" && members().includes(chosen())) return [chosen()];
    return members().slice(0, members().length > MOST_TOGETHER ? 1 : MOST_TOGETHER);
  });
  const query = useList(
    () => ["organization", props.model.id, "activity", ...asked()],
    (signal) => fetchActivity(asked(), signal),
    {
      isEnabled: () => asked().length > 0,
      refreshOn: (event) => asked().includes(event.orchestrator_id),
      everyMs: HEARTBEATS_EVERY_MS,
      idField: "key",
    },
  );
  const shown = createMemo(() => (query.data ?? []).filter((entry) => areBeatsShown() || !isHeartbeat(entry)));
  const options = () => [
    ...(members().length <= MOST_TOGETHER ? [{ value: "", label: "All orchestrators" }] : []),
    ...members().map((id) => ({ value: id, label: id })),
  ];

  return (
    <Show
      when={members().length > 0}
      fallback={
        <EmptyState kind="nothing-yet" title="No activity yet" text="This organization has no orchestrators yet." />
      }
    >
      <div class="org-toolbar">
        <Show when={members().length > 1}>
          <Field label="Orchestrator">
            {(control) => (
              <Select
                {...control}
                options={options()}
                value={members().length > MOST_TOGETHER ? (asked()[0] ?? "") : chosen()}
                onChange={setChosen}
              />
            )}
          </Field>
        </Show>
        <Toggle label="Heartbeats" isOn={areBeatsShown()} onChange={setBeatsShown} />
        <p class="hint">
          Shows up to {MOST_ENTRIES} recent entries, newest first. Older entries are removed. Changes by users are kept
          in the audit log.
        </p>
      </div>
      <StaleBanner query={query} />
      <Switch fallback={<Skeleton what="activity" />}>
        <Match when={query.data && shown().length > 0}>
          <ol class="panel org-activity" aria-label="Activity">
            <For each={shown()}>
              {(entry) => (
                <li>
                  <Moment at={Date.parse(entry.timestamp)} isPlain />
                  <span>{describeActivity(entry)}</span>
                  <Show when={asked().length > 1}>
                    <code>{entry.orchestratorId}</code>
                  </Show>
                </li>
              )}
            </For>
          </ol>
        </Match>
        <Match when={query.data}>
          <EmptyState
            kind="nothing-yet"
            title="No activity"
            text={
              query.data?.length === 0 ? "There are no recent entries." : "There are only heartbeats, which are hidden."
            }
          />
        </Match>
        <Match when={query.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
      </Switch>
    </Show>
  );
}

async function fetchActivity(ids: readonly string[], signal: AbortSignal): Promise<(Entry & { key: string })[]> {
  const lists = await Promise.all(
    ids.map(async (id) => {
      const params = { path: { orchestrator_id: id }, query: { limit: MOST_ENTRIES } };
      const answer = await ask(
        api.GET("/api/v1/controller/orchestrators/{orchestrator_id}/activity", { params, signal }),
      );
      const copies = new Map<string, number>();
      return answer.data.items.map((entry) => {
        // Entries have no ID; equal ones are numbered.
        const name = `${id} ${entry.timestamp} ${entry.type}`;
        const copy = (copies.get(name) ?? 0) + 1;
        copies.set(name, copy);
        return { ...entry, orchestratorId: id, key: `${name} ${copy}` };
      });
    }),
  );
  return lists
    .flat()
    .toSorted((left, right) => Date.parse(right.timestamp) - Date.parse(left.timestamp))
    .slice(0, MOST_ENTRIES);
}
