import { useNavigate } from "@solidjs/router";
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js";
import { displayName } from "../../../../common/text.ts";
import { MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { api, ask, type Organization } from "../../lib/api.ts";
import { commands } from "../../lib/commands.ts";
import { useFleet } from "../../live/context.ts";
import { useList } from "../../live/query.ts";
import { Search } from "../../ui/icons.tsx";
import { Keys } from "../../ui/keys.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { findCommands } from "./search.ts";
import "./palette.css";

const PAUSE_MS = 150;
const MOST_ORGANIZATIONS = 6;

interface Choice {
  id: string;
  group: string;
  title: string;
  organization?: Organization;
  keys?: string | undefined;
  run: () => void;
}

/** Search for organizations, pages and actions: an editable combobox with a listbox (ARIA). */
export function Palette(props: { onClose: () => void }) {
  const navigate = useNavigate();
  const fleet = useFleet();
  const [typed, setTyped] = createSignal("");
  const [asked, setAsked] = createSignal("");
  const [active, setActive] = createSignal(0);
  let dialog: HTMLDialogElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onMount(() => dialog?.showModal());
  onCleanup(() => clearTimeout(timer));

  const type = (text: string) => {
    setTyped(text);
    setActive(0);
    clearTimeout(timer);
    timer = setTimeout(() => setAsked(text.trim().slice(0, 255)), PAUSE_MS);
  };

  const found = useList(
    () => ["palette", asked()],
    async (signal) => {
      const params = { query: { q: asked(), page: 1, page_size: MOST_ORGANIZATIONS } };
      return (await ask(api.GET("/api/v1/controller/organizations", { params, signal }))).data;
    },
    { isEnabled: () => asked() !== "", idField: "organization_id" },
  );

  // The commands when the palette opened: a page must not remove them under the pointer.
  const known = commands();
  const choices = createMemo<Choice[]>(() => {
    const isSearching = typed().trim() !== "";
    const items = isSearching && asked() !== "" && !found.isPlaceholderData ? (found.data?.items ?? []) : [];
    return [
      ...items.map((organization) => ({
        id: `organization:${organization.organization_id}`,
        group: "Organizations",
        title: displayName(organization.name, organization.organization_id),
        organization,
        run: () => navigate(`/organizations/${encodeURIComponent(organization.organization_id)}`),
      })),
      ...findCommands(known, typed()).map((command) => ({
        id: command.id,
        group: command.group,
        title: command.title,
        keys: command.keys,
        run: () => command.run(),
      })),
    ];
  });
  const groups = createMemo(() => [...Map.groupBy(choices(), (choice) => choice.group)]);
  const inOrder = createMemo(() => groups().flatMap(([, members]) => members));
  createEffect(on(inOrder, (list) => setActive((index) => Math.min(index, Math.max(0, list.length - 1)))));
  createEffect(() => {
    const choice = inOrder()[active()];
    if (choice) document.getElementById(optionId(choice))?.scrollIntoView({ block: "nearest" });
  });

  const run = (choice: Choice | undefined) => {
    if (!choice) return;
    dialog?.close();
    choice.run();
  };
  const press = (event: KeyboardEvent) => {
    const last = inOrder().length - 1;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setActive((index) => (index + step + last + 1) % (last + 1 || 1));
    else if (event.key === "Enter") run(inOrder()[active()]);
    else return;
    event.preventDefault();
  };
  const word = () => {
    if (found.failure && asked() !== "") return `Could not search organizations: ${found.failure.message}.`;
    if (found.isFetching && asked() !== "") return "Searching organizations…";
    return inOrder().length === 0 ? "No results" : "";
  };

  return (
    <dialog ref={dialog} class="dialog palette" aria-label="Search and commands" onClose={() => props.onClose()}>
      <div class="palette-field">
        <Search />
        <input
          type="text"
          role="combobox"
          aria-label="Search organizations, pages and actions"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-autocomplete="list"
          aria-activedescendant={activeId(inOrder()[active()])}
          placeholder="Organization, page or action"
          autocomplete="off"
          spellcheck={false}
          maxlength={MAX_NAME_CHARS}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={press}
        />
      </div>
      <div id="palette-list" class="palette-list" role="listbox" aria-label="Results">
        <For each={groups()}>
          {([group, members]) => (
            // biome-ignore lint/a11y/useSemanticElements: a listbox has groups of options, not field sets.
            <div role="group" aria-label={group}>
              <div class="palette-group" aria-hidden="true">
                {group}
              </div>
              <For each={members}>
                {(choice) => (
                  // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the field keeps the focus and takes the keys.
                  <div
                    id={optionId(choice)}
                    class="palette-option"
                    role="option"
                    aria-selected={choice === inOrder()[active()]}
                    onPointerMove={() => setActive(inOrder().indexOf(choice))}
                    onClick={() => run(choice)}
                  >
                    <span class="clip">{choice.title}</span>
                    <Show when={choice.organization}>
                      {(organization) => (
                        <>
                          <code class="clip">{organization().organization_id}</code>
                          <StatusBadge
                            status={fleet.organization(organization().organization_id)?.status ?? organization().status}
                          />
                        </>
                      )}
                    </Show>
                    <Show when={choice.keys}>{(keys) => <Keys keys={keys()} />}</Show>
                  </div>
                )}
              </For>
            </div>
          )}
        </For>
      </div>
      <p class="palette-word" role="status">
        {word()}
      </p>
    </dialog>
  );
}

function optionId(choice: Choice): string {
  return `palette-${choice.id}`;
}

function activeId(choice: Choice | undefined): string | undefined {
  return choice && optionId(choice);
}
