import { createUniqueId, type JSX, Show } from "solid-js";

/** Attributes that connect a control to its label, hint and error: `<input {...control} />`. */
export interface FieldControl {
  id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean | undefined;
}

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  isLabelHidden?: boolean;
  children: (control: FieldControl) => JSX.Element;
}

/** A control with label, hint and error. */
export function Field(props: FieldProps) {
  const id = createUniqueId();
  const control: FieldControl = {
    id,
    get "aria-describedby"() {
      const parts = [props.error && `${id}-error`, props.hint && `${id}-hint`].filter(Boolean);
      return parts.length > 0 ? parts.join(" ") : undefined;
    },
    get "aria-invalid"() {
      return props.error ? true : undefined;
    },
  };
  return (
    <div class="field">
      <label for={id} classList={{ "sr-only": props.isLabelHidden ?? false }}>
        {props.label}
      </label>
      {props.children(control)}
      <Show when={props.error}>
        <p class="field-error" id={`${id}-error`}>
          {props.error}
        </p>
      </Show>
      <Show when={props.hint}>
        <p class="hint" id={`${id}-hint`}>
          {props.hint}
        </p>
      </Show>
    </div>
  );
}
