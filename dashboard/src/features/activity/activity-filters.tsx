import { For, Show } from "solid-js";
import { Pause, Play } from "../../ui/icons.tsx";
import { Switch } from "../../ui/switch.tsx";
import { KeyHint } from "../records/key-hint.tsx";
import { TextFilter } from "../records/text-filter.tsx";
import { ACTIVITY_WORDS, type ActivityType, isActivityType, toggleType } from "./filter.ts";

const TYPES = Object.keys(ACTIVITY_WORDS).filter(isActivityType);

interface ActivityFiltersProps {
  text: string;
  types: readonly ActivityType[];
  hasBeats: boolean;
  isPaused: boolean;
  /** Receives the text field. */
  ref: (input: HTMLInputElement) => void;
  onText: (text: string) => void;
  onTypes: (types: readonly ActivityType[]) => void;
  onBeats: (hasBeats: boolean) => void;
  onPause: () => void;
}

/** The event filters, and the pause button. */
export function ActivityFilters(props: ActivityFiltersProps) {
  return (
    <>
      <search class="record-filters act-search" aria-label="Filter activity">
        <TextFilter
          label="Organization or orchestrator"
          placeholder="Organization or orchestrator"
          value={props.text}
          ref={props.ref}
          onChange={(text) => props.onText(text)}
        />
        <Switch label="Heartbeats" isOn={props.hasBeats} onChange={(isOn) => props.onBeats(isOn)} />
        <button
          class="button"
          type="button"
          aria-pressed={props.isPaused}
          aria-keyshortcuts="p"
          onClick={() => props.onPause()}
        >
          {props.isPaused ? <Play /> : <Pause />}
          {props.isPaused ? "Resume" : "Pause"} <KeyHint keys="p" />
        </button>
      </search>
      <fieldset class="act-types">
        <legend class="sr-only">Event types</legend>
        <For each={TYPES.filter((type) => type !== "heartbeat" || props.hasBeats)}>
          {(type) => (
            <button
              class="toggle-chip"
              type="button"
              aria-pressed={props.types.includes(type)}
              onClick={() => props.onTypes(toggleType(props.types, type))}
            >
              {ACTIVITY_WORDS[type]}
            </button>
          )}
        </For>
        <Show when={props.types.length > 0}>
          <button class="button" data-kind="quiet" type="button" onClick={() => props.onTypes([])}>
            All types
          </button>
        </Show>
      </fieldset>
    </>
  );
}
