import { createSignal, For, onMount, Show } from "solid-js";
import { useCommands } from "../../lib/commands.ts";
import { outcomeOf } from "../../lib/failure.ts";
import { DiffView } from "../../ui/diff-view.tsx";
import { type PublishResult, publishConfig } from "./api.ts";
import { toText } from "./document.ts";
import type { Draft, Published } from "./draft.ts";
import { lineOfPath } from "./parse.ts";
import { forecastRollout, type Rollout } from "./rollout.ts";

interface ReviewProps {
  organizationId: string;
  draft: Draft;
  rollouts: readonly Rollout[];
  onBack: () => void;
  onPublished: (published: Published) => void;
  /** Someone else has published a newer revision. */
  onConflict: () => void;
}

/** Shows the changes by path before they are published. */
export function Review(props: ReviewProps) {
  const [isBusy, setBusy] = createSignal(false);
  const [problems, setProblems] = createSignal<string[]>([]);
  let heading: HTMLHeadingElement | undefined;
  onMount(() => heading?.focus());

  const apply = async () => {
    if (isBusy()) return;
    setBusy(true);
    setProblems([]);
    const config = props.draft.draft();
    const result = await publishConfig(props.organizationId, config, props.draft.base().revision);
    setBusy(false);
    if (result.ok) props.onPublished(result.published);
    else if (result.code === "version_conflict") props.onConflict();
    else setProblems(describe(result, toText(config)));
  };

  useCommands(() => [
    {
      id: "config:back",
      title: "Back to the editor",
      group: "Configuration",
      keys: "Escape",
      run: () => props.onBack(),
    },
    {
      id: "config:apply",
      title: "Publish configuration",
      group: "Configuration",
      keys: "mod+enter",
      run: () => void apply(),
    },
  ]);

  return (
    <section class="panel config-review" aria-label="Review">
      <h2 ref={heading} tabIndex={-1}>
        Review changes
      </h2>
      <DiffView
        before={props.draft.base().config}
        after={props.draft.draft()}
        label={`Changes to revision ${props.draft.base().revision}`}
      />
      <ul class="consequences">
        <For each={forecastRollout(props.rollouts)}>{(line) => <li>{line}</li>}</For>
      </ul>
      <div role="alert">
        <Show when={problems().length > 0}>
          <div class="notice" data-tone="danger">
            <ul>
              <For each={problems()}>{(line) => <li>{line}</li>}</For>
            </ul>
          </div>
        </Show>
      </div>
      <div class="dialog-actions">
        <button class="button" type="button" onClick={() => props.onBack()}>
          Back to editing
        </button>
        <button
          class="button"
          data-kind="primary"
          type="button"
          aria-disabled={isBusy() || !props.draft.isDirty()}
          onClick={() => props.draft.isDirty() && void apply()}
        >
          {isBusy() ? "Publishing…" : `Publish revision ${props.draft.base().revision + 1}`}
        </button>
      </div>
    </section>
  );
}

function describe(result: Extract<PublishResult, { ok: false }>, text: string): string[] {
  if (result.complaints.length === 0) return [outcomeOf(result, "Nothing was published. Your changes are kept.")];
  return result.complaints.map(({ path, message }) => {
    const line = lineOfPath(text, path);
    const place = path.replace(/^\/body\/?/, "").replaceAll("/", ".") || "The configuration";
    return `${place} ${message}${line === null ? "" : ` (line ${line} of the JSON)`}. Nothing was published.`;
  });
}
