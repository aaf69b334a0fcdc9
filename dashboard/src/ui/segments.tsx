import { createUniqueId, For, type JSX, Show } from "solid-js";

interface Segment<T extends string> {
  value: T;
  label: string;
  icon?: () => JSX.Element;
}

interface SegmentsProps<T extends string> {
  /** The accessible name of the group. */
  label: string;
  options: readonly Segment<T>[];
  value: T;
  onChange: (value: T) => void;
  /** Shows only the icons; the labels become their accessible names. */
  isCompact?: boolean;
}

/** A choice between a few visible options, built from radio buttons so that the arrow keys work. */
export function Segments<T extends string>(props: SegmentsProps<T>) {
  const name = createUniqueId();
  return (
    <fieldset class="segments" data-kind={props.isCompact ? "icons" : undefined}>
      <legend class="sr-only">{props.label}</legend>
      <For each={props.options}>
        {(option) => (
          <label class="segment" title={props.isCompact ? option.label : undefined}>
            <input
              class="sr-only"
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === props.value}
              onChange={() => props.onChange(option.value)}
            />
            <Show when={option.icon}>{(icon) => icon()()}</Show>
            <span classList={{ "sr-only": props.isCompact ?? false }}>{option.label}</span>
          </label>
        )}
      </For>
    </fieldset>
  );
}
