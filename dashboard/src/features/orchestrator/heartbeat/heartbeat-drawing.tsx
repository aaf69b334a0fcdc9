import { createMemo, For, Show } from "solid-js";
import { drawMinutes, type Sheet } from "./drawing.ts";
import { type BeatMinute, MINUTES_SHOWN, type MinuteKind } from "./minutes.ts";
import "./heartbeat.css";

const FILLED: MinuteKind[] = ["on-time", "late", "missed", "none"];

/** The minutes as shapes; the parent provides the text alternative. */
export function HeartbeatDrawing(props: { minutes: readonly BeatMinute[]; sheet: Sheet; class: string }) {
  const drawing = createMemo(() => drawMinutes(props.minutes, props.sheet));
  return (
    <svg
      class={props.class}
      viewBox={`0 0 ${MINUTES_SHOWN * props.sheet.pitch} ${props.sheet.height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <For each={FILLED}>
        {(kind) => <Show when={drawing().filled[kind]}>{(path) => <path data-kind={kind} d={path()} />}</Show>}
      </For>
      <Show when={drawing().hatched}>{(path) => <path data-kind="not-recorded" d={path()} />}</Show>
    </svg>
  );
}
