import { createEffect, createSignal, For, onCleanup, Show } from "solid-js";
import { Field } from "../../ui/field.tsx";
import { Cross, Plus } from "../../ui/icons.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Switch } from "../../ui/switch.tsx";
import type { ConfigDocument } from "./document.ts";
import {
  type FormField,
  flagNameProblem,
  readForm,
  type Toggle,
  timeoutProblem,
  withFeature,
  withoutFlag,
  withSessionTimeout,
} from "./form.ts";

interface ConfigFormProps {
  config: ConfigDocument;
  onChange: (config: ConfigDocument) => void;
  /** Reports whether the form has an invalid value, which is not in the configuration. */
  onWrong: (isWrong: boolean) => void;
}

const TOGGLES = [
  { value: "unset", label: "Not set" },
  { value: "on", label: "On" },
  { value: "off", label: "Off" },
] as const;

/** A form for the standard keys and the feature flags; everything else is in the JSON tab. */
export function ConfigForm(props: ConfigFormProps) {
  const view = () => readForm(props.config);
  const set = (name: string, value: Toggle) => props.onChange(withFeature(props.config, name, value));
  return (
    <div class="config-form">
      <ToggleField
        label="Cache"
        hint="Caches responses to identical prompts."
        field={view().cache}
        onChange={(value) => set("cache", value)}
      />
      <ToggleField
        label="Firewall"
        hint="Checks prompts and responses."
        field={view().firewall}
        onChange={(value) => set("firewall", value)}
      />
      <TimeoutField
        field={view().sessionTimeoutMinutes}
        onChange={(minutes) => props.onChange(withSessionTimeout(props.config, minutes))}
        onWrong={props.onWrong}
      />
      <Flags {...props} />
      <Show when={view().elsewhere.length > 0}>
        <p class="hint">
          Edit in the JSON tab:{" "}
          <For each={view().elsewhere}>
            {(path, index) => (
              <>
                {index() > 0 ? ", " : ""}
                <code>{path}</code>
              </>
            )}
          </For>
        </p>
      </Show>
    </div>
  );
}

function Foreign() {
  return <p class="hint">The current value is not supported by this form. Edit it in the JSON tab.</p>;
}

function ToggleField(props: {
  label: string;
  hint: string;
  field: FormField<Toggle>;
  onChange: (value: Toggle) => void;
}) {
  const value = () => (props.field.value === null ? "unset" : props.field.value ? "on" : "off");
  return (
    <div class="config-row">
      <div>
        <h3>{props.label}</h3>
        <p class="hint">{props.hint}</p>
      </div>
      <Show when={!props.field.isForeign} fallback={<Foreign />}>
        <Segments
          label={props.label}
          options={TOGGLES}
          value={value()}
          onChange={(chosen) => props.onChange(chosen === "unset" ? null : chosen === "on")}
        />
      </Show>
    </div>
  );
}

function TimeoutField(props: {
  field: FormField<number | null>;
  onChange: (minutes: number | null) => void;
  onWrong: (isWrong: boolean) => void;
}) {
  const [problem, setProblem] = createSignal<string | null>(null);
  createEffect(() => props.onWrong(problem() !== null));
  onCleanup(() => props.onWrong(false));
  const type = (text: string) => {
    setProblem(timeoutProblem(text));
    if (problem() === null) props.onChange(text.trim() === "" ? null : Number(text));
  };
  return (
    <div class="config-row">
      <div>
        <h3>Session timeout</h3>
        <p class="hint">
          Ends a session after this time without requests. Leave empty to keep the orchestrator's own value.
        </p>
      </div>
      <Show when={!props.field.isForeign} fallback={<Foreign />}>
        <Field label="Session timeout in minutes" isLabelHidden error={problem() ?? undefined}>
          {(control) => (
            <span class="config-minutes">
              <input
                {...control}
                inputmode="numeric"
                autocomplete="off"
                value={props.field.value ?? ""}
                onInput={(event) => type(event.currentTarget.value)}
              />{" "}
              minutes
            </span>
          )}
        </Field>
      </Show>
    </div>
  );
}

function Flags(props: Omit<ConfigFormProps, "onWrong">) {
  const [name, setName] = createSignal("");
  const [problem, setProblem] = createSignal<string | null>(null);
  const names = () => readForm(props.config).flags.map((flag) => flag.name);
  const isOn = (flag: string) => readForm(props.config).flags.find((entry) => entry.name === flag)?.isOn ?? false;
  let input: HTMLInputElement | undefined;

  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const wanted = name().trim();
    setProblem(flagNameProblem(props.config, wanted));
    if (problem() !== null) return input?.focus();
    props.onChange(withFeature(props.config, wanted, true));
    setName("");
  };
  const remove = (flag: string) => {
    props.onChange(withoutFlag(props.config, flag));
    input?.focus();
  };

  return (
    <section class="config-flags" aria-label="Feature flags">
      <h3>Feature flags</h3>
      <Show when={names().length > 0} fallback={<p class="muted">No feature flags</p>}>
        <ul>
          <For each={names()}>
            {(flag) => (
              <li>
                <Switch
                  label={flag}
                  isOn={isOn(flag)}
                  onChange={(value) => props.onChange(withFeature(props.config, flag, value))}
                />
                <button
                  class="icon-button"
                  type="button"
                  aria-label={`Remove flag ${flag}`}
                  onClick={() => remove(flag)}
                >
                  <Cross />
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <form class="config-add" onSubmit={add}>
        <Field label="New flag" error={problem() ?? undefined}>
          {(control) => (
            <input
              {...control}
              ref={input}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={name()}
              onInput={(event) => {
                setName(event.currentTarget.value);
                setProblem(null);
              }}
            />
          )}
        </Field>
        <button class="button" type="submit">
          <Plus /> Add flag
        </button>
      </form>
    </section>
  );
}
