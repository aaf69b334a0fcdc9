import { Show } from "solid-js";
import { Field } from "../../ui/field.tsx";
import type { TextProblem } from "./parse.ts";

interface JsonEditorProps {
  text: string;
  problem: TextProblem | null;
  onChange: (text: string) => void;
}

/** Edits the whole configuration as text. */
export function JsonEditor(props: JsonEditorProps) {
  let area: HTMLTextAreaElement | undefined;
  const error = () => props.problem && `Line ${props.problem.line}: ${props.problem.message}.`;
  const showPlace = () => {
    if (!area || !props.problem) return;
    area.focus();
    const lineEnd = area.value.indexOf("\n", props.problem.offset);
    area.setSelectionRange(props.problem.offset, lineEnd === -1 ? area.value.length : lineEnd);
  };
  return (
    <div class="config-json">
      <Field
        label="Configuration as JSON"
        hint="Three objects: features, settings and policies. Keys that are missing here are removed."
        error={error() ?? undefined}
      >
        {(control) => (
          <textarea
            {...control}
            ref={area}
            rows={18}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            wrap="off"
            value={props.text}
            onInput={(event) => props.onChange(event.currentTarget.value)}
          />
        )}
      </Field>
      <Show when={props.problem}>
        <button class="button" type="button" onClick={showPlace}>
          Go to line {props.problem?.line}
        </button>
      </Show>
    </div>
  );
}
