import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { displayName } from "../../../../common/text.ts";
import { MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../lib/api.ts";
import { useList } from "../../live/query.ts";
import { Name } from "../../ui/name.tsx";
import { Segments } from "../../ui/segments.tsx";
import "./binding.css";

const SHOWN = 8;
/** The controller's limit. */
const MOST = 100;

interface BindingFieldProps {
  /** null: all organizations. */
  value: readonly string[] | null;
  onChange: (organizations: string[] | null) => void;
  /** The organizations of the user who fills this in; null: all. */
  own: readonly string[] | null;
  error?: string | undefined;
}

const KINDS = [
  { value: "all", label: "All" },
  { value: "some", label: "Selected only" },
] as const;

/** The organizations that a user or token has access to. */
export function BindingField(props: BindingFieldProps) {
  return (
    <fieldset class="binding">
      <legend>Organizations</legend>
      <Show when={props.own === null} fallback={<p class="hint">You can choose from your own organizations.</p>}>
        <Segments
          label="Organization access"
          options={KINDS}
          value={props.value === null ? "all" : "some"}
          onChange={(kind) => props.onChange(kind === "all" ? null : [])}
        />
      </Show>
      <Show when={props.value}>
        {(chosen) => (
          <Picker chosen={chosen()} error={props.error} onChange={(organizations) => props.onChange(organizations)} />
        )}
      </Show>
    </fieldset>
  );
}

interface PickerProps {
  chosen: readonly string[];
  error: string | undefined;
  onChange: (organizations: string[]) => void;
}

/** Selected organizations stay above the search results. */
function Picker(props: PickerProps) {
  const id = createUniqueId();
  const [q, setQ] = createSignal("");
  const query = useList(
    () => ["binding-picker", q().trim()],
    async (signal) => {
      const found = { page_size: SHOWN, sort: "organization_id" as const, ...(q().trim() && { q: q().trim() }) };
      return (await ask(api.GET("/api/v1/controller/organizations", { params: { query: found }, signal }))).data;
    },
    { idField: "organization_id" },
  );
  const names = createMemo(() => query.data?.items ?? []);
  const others = () => names().filter(({ organization_id }) => !props.chosen.includes(organization_id));
  const isFull = () => props.chosen.length >= MOST;
  const toggle = (organization: string, isOn: boolean) =>
    props.onChange(
      isOn ? [...props.chosen, organization].sort() : props.chosen.filter((known) => known !== organization),
    );

  return (
    <div class="binding-picker">
      <label class="sr-only" for={id}>
        Search organizations
      </label>
      <input
        id={id}
        type="search"
        placeholder="Search by name or ID"
        maxlength={MAX_NAME_CHARS}
        aria-describedby={props.error ? `${id}-error` : undefined}
        aria-invalid={props.error ? true : undefined}
        onInput={(event) => setQ(event.currentTarget.value)}
        // Enter would submit the surrounding form.
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      />
      <div class="binding-list">
        <For each={props.chosen}>
          {(organization) => (
            <label>
              <input type="checkbox" checked onChange={() => toggle(organization, false)} />
              <span class="clip">{organization}</span>
            </label>
          )}
        </For>
        <For each={others()}>
          {({ organization_id: organization, name }) => (
            <label>
              <input type="checkbox" checked={false} disabled={isFull()} onChange={() => toggle(organization, true)} />
              <span class="clip">
                {organization}
                <Show when={displayName(name, organization) !== organization}>
                  <span class="muted">
                    {" "}
                    <Name of={name} />
                  </span>
                </Show>
              </span>
            </label>
          )}
        </For>
      </div>
      <p class="hint" role="status">
        {props.chosen.length} selected
        <Show when={isFull()}>, the maximum</Show>
        <Show when={query.data && query.data.total > SHOWN}>
          . {query.data?.total} match; search to narrow the list
        </Show>
        <Show when={query.data?.total === 0}>. No matching organizations</Show>
        <Show when={query.failure}>{(failure) => <>. {failure().message}</>}</Show>
      </p>
      <Show when={props.error}>
        <p class="field-error" id={`${id}-error`}>
          {props.error}
        </p>
      </Show>
    </div>
  );
}
