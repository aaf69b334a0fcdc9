import { createEffect, createSignal, on, Show } from "solid-js";
import { useCommands } from "../../lib/commands.ts";
import { Segments } from "../../ui/segments.tsx";
import { ConfigForm } from "./config-form.tsx";
import { toText } from "./document.ts";
import type { Draft } from "./draft.ts";
import { JsonEditor } from "./json-editor.tsx";
import { parseConfig, type TextProblem } from "./parse.ts";

const VIEWS = [
  { value: "form", label: "Form" },
  { value: "json", label: "JSON" },
] as const;

export type EditorView = (typeof VIEWS)[number]["value"];

interface EditorProps {
  draft: Draft;
  view: EditorView;
  onView: (view: EditorView) => void;
  onReview: () => void;
}

/** Edits the same configuration as a form or as text. */
export function Editor(props: EditorProps) {
  const { draft } = props;
  const [text, setText] = createSignal(toText(draft.draft()));
  const [problem, setProblem] = createSignal<TextProblem | null>(null);
  /** The draft that the text stands for; a different draft comes from elsewhere and replaces the text. */
  let written = draft.draft();
  createEffect(
    on(
      draft.draft,
      (now) => {
        if (now === written) return;
        written = now;
        setText(toText(now));
        setProblem(null);
      },
      { defer: true },
    ),
  );

  const write = (value: string) => {
    setText(value);
    const parsed = parseConfig(value);
    setProblem(parsed.ok ? null : parsed.problem);
    if (!parsed.ok) return;
    written = parsed.config;
    draft.change(parsed.config);
  };
  const [isFormWrong, setFormWrong] = createSignal(false);
  /** A new value recreates the form, which discards invalid input. */
  const [form, setForm] = createSignal({});
  const isWrong = () => problem() !== null || isFormWrong();
  const canReview = () => draft.isDirty() && !isWrong();
  const canDiscard = () => draft.isDirty() || isWrong();
  /** The status line; invalid input is neither changed nor unchanged. */
  const standing = () => {
    if (isWrong()) return "Not valid yet";
    return draft.isDirty() ? `Changed since revision ${draft.base().revision}` : "No changes";
  };
  const review = () => canReview() && props.onReview();
  const discard = () => {
    if (!canDiscard()) return;
    draft.discard();
    setForm({});
    written = draft.draft();
    setText(toText(written));
    setProblem(null);
  };

  useCommands(() => [
    {
      id: "config:review",
      title: "Review changes",
      group: "Configuration",
      keys: "mod+enter",
      run: review,
      isEnabled: canReview,
    },
  ]);

  return (
    <section class="panel config-editor" aria-label="Editor">
      <header>
        <h2>Configuration</h2>
        <Segments label="Edit as" options={VIEWS} value={props.view} onChange={props.onView} />
      </header>
      <Show
        when={props.view === "json"}
        fallback={
          <Show
            when={problem() === null}
            fallback={
              <p class="notice" data-tone="warning">
                The JSON has an error in line {problem()?.line}. Fix it in the JSON tab, or discard the changes.
              </p>
            }
          >
            <Show when={form()} keyed>
              <ConfigForm config={draft.draft()} onChange={draft.change} onWrong={setFormWrong} />
            </Show>
          </Show>
        }
      >
        <JsonEditor text={text()} problem={problem()} onChange={write} />
      </Show>
      <footer class="dialog-actions">
        <span class="muted">{standing()}</span>
        <button class="button" type="button" aria-disabled={!canDiscard()} onClick={discard}>
          Discard changes
        </button>
        <button class="button" data-kind="primary" type="button" aria-disabled={!canReview()} onClick={review}>
          Review changes
        </button>
      </footer>
    </section>
  );
}
