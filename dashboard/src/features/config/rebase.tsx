import { createMemo, createSignal, For, onMount, Show } from "solid-js";
import { useCommands } from "../../lib/commands.ts";
import { DiffView } from "../../ui/diff-view.tsx";
import type { Json } from "./document.ts";
import type { Draft, Published } from "./draft.ts";
import { type Conflict, conflictKey, mergeConfig, type Side } from "./merge.ts";

interface RebaseProps {
  draft: Draft;
  theirs: Published;
  theirName: string;
  onBack: () => void;
  /** Your changes are now based on the newer revision. */
  onRebased: () => void;
}

/** Shows both sets of changes and their merge after someone else has published. */
export function Rebase(props: RebaseProps) {
  const [choices, setChoices] = createSignal<Readonly<Record<string, Side>>>({});
  const merge = createMemo(() =>
    mergeConfig(props.draft.base().config, props.theirs.config, props.draft.draft(), choices()),
  );
  let heading: HTMLHeadingElement | undefined;
  onMount(() => heading?.focus());

  const takeMerged = () => {
    props.draft.rebase(props.theirs, merge().merged);
    props.onRebased();
  };
  const takeTheirs = () => {
    props.draft.discard();
    props.onRebased();
  };
  useCommands(() => [
    {
      id: "config:back",
      title: "Back to the editor",
      group: "Configuration",
      keys: "Escape",
      run: () => props.onBack(),
    },
  ]);

  return (
    <section class="panel config-review" aria-label="Merge changes">
      <h2 ref={heading} tabIndex={-1}>
        {props.theirName} published revision {props.theirs.revision} while you were editing
      </h2>
      <p class="muted">
        Your changes are kept. Compare both versions, then continue with your changes on top of theirs.
      </p>
      <div class="config-sides">
        <section aria-label="Theirs">
          <h3>Theirs</h3>
          <DiffView before={props.draft.base().config} after={props.theirs.config} label="Their changes" />
        </section>
        <section aria-label="Yours">
          <h3>Yours</h3>
          <DiffView before={props.draft.base().config} after={props.draft.draft()} label="Your changes" />
        </section>
      </div>
      <Show when={merge().conflicts.length > 0}>
        <section aria-label="Conflicts">
          <h3>Conflicts</h3>
          <For each={merge().conflicts.map(({ path }) => conflictKey(path))}>
            {(key) => (
              <Choice
                conflict={merge().conflicts.find(({ path }) => conflictKey(path) === key)}
                side={choices()[key] ?? "yours"}
                onChoose={(side) => setChoices({ ...choices(), [key]: side })}
              />
            )}
          </For>
        </section>
      </Show>
      <section aria-label="Merged">
        <h3>Merged</h3>
        <p class="hint">Your changes applied to revision {props.theirs.revision}.</p>
        <DiffView before={props.theirs.config} after={merge().merged} label="Merged changes" />
      </section>
      <div class="dialog-actions">
        <button class="button" type="button" onClick={() => props.onBack()}>
          Back to editing
        </button>
        <button class="button" type="button" onClick={takeTheirs}>
          Discard my changes
        </button>
        <button class="button" data-kind="primary" type="button" onClick={takeMerged}>
          Continue with merged
        </button>
      </div>
    </section>
  );
}

function Choice(props: { conflict: Conflict | undefined; side: Side; onChoose: (side: Side) => void }) {
  return (
    <Show when={props.conflict}>
      {(conflict) => (
        <fieldset class="config-choice">
          <legend>
            <code>{conflict().path.join(".")}</code>
          </legend>
          <For each={["yours", "theirs"] as const}>
            {(side) => (
              <label>
                <input
                  type="radio"
                  name={conflictKey(conflict().path)}
                  checked={props.side === side}
                  onChange={() => props.onChoose(side)}
                />
                {side === "yours" ? "Keep yours: " : "Use theirs: "}
                <code>{show(conflict()[side])}</code>
              </label>
            )}
          </For>
        </fieldset>
      )}
    </Show>
  );
}

function show(value: Json | undefined): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}
