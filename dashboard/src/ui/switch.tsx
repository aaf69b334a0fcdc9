import { createUniqueId, Show } from "solid-js";

interface SwitchProps {
  label: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
  /** What the switch does, or why it is disabled. */
  hint?: string | undefined;
  isDisabled?: boolean;
  isLabelHidden?: boolean;
}

/** A switch that takes effect at once. A disabled one stays focusable, so that its reason can be read. */
export function Switch(props: SwitchProps) {
  const hint = createUniqueId();
  return (
    <div class="switch-field">
      <button
        class="switch"
        type="button"
        role="switch"
        aria-checked={props.isOn}
        aria-disabled={props.isDisabled ?? false}
        aria-describedby={props.hint ? hint : undefined}
        aria-label={props.label}
        onClick={() => !props.isDisabled && props.onChange(!props.isOn)}
      >
        <span class="switch-track" aria-hidden="true" />
        <Show when={!props.isLabelHidden}>
          <span class="switch-label" aria-hidden="true">
            {props.label}
          </span>
        </Show>
      </button>
      <Show when={props.hint}>
        <p class="hint" id={hint}>
          {props.hint}
        </p>
      </Show>
    </div>
  );
}
