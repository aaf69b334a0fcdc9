import { createMemo, createSignal, Show } from "solid-js";
import { zone } from "../../../lib/preferences.ts";
import { clockTime } from "../../../lib/time.ts";
import { HeartbeatDrawing } from "./heartbeat-drawing.tsx";
import { type BeatMinute, describeMinute, MINUTES_SHOWN, summarize } from "./minutes.ts";

const SHEET = { pitch: 10, gap: 2, height: 36 };
const LAST = MINUTES_SHOWN - 1;

/** The minute that a key moves to from `index`; null: the bar does not handle the key. */
function stepTo(key: string, index: number): number | null {
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return index - 1;
    case "ArrowRight":
    case "ArrowUp":
      return index + 1;
    case "PageUp":
      return index + 10;
    case "PageDown":
      return index - 10;
    case "Home":
      return 0;
    case "End":
      return LAST;
    default:
      return null;
  }
}

/** The heartbeats of the last hour by minute, for pointer and arrow keys. undefined: not loaded yet. */
export function HeartbeatBar(props: { name: string; minutes: readonly BeatMinute[] | undefined }) {
  return (
    <Show when={props.minutes} fallback={<div class="beat-figure" />}>
      {(minutes) => <Bar name={props.name} minutes={minutes()} />}
    </Show>
  );
}

function Bar(props: { name: string; minutes: readonly BeatMinute[] }) {
  const [index, setIndex] = createSignal(LAST);
  const [isInspected, setInspected] = createSignal(false);
  const summary = createMemo(() => summarize(props.minutes));
  const text = () => {
    const minute = props.minutes[index()];
    return minute ? `${clockTime(minute.at, zone()).slice(0, 5)} ${describeMinute(minute)}` : "";
  };

  const follow = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setIndex(clamp(Math.floor(((event.clientX - left) / width) * MINUTES_SHOWN)));
    setInspected(true);
  };
  const press = (event: KeyboardEvent) => {
    const target = stepTo(event.key, index());
    if (target === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    setIndex(clamp(target));
    setInspected(true);
  };

  return (
    <div class="beat-figure">
      <p class="beat-summary" aria-hidden="true">
        {summary()}
      </p>
      {/* A read-only slider: screen readers pass on its arrow keys and announce each minute. */}
      <div
        class="beat-bar"
        role="slider"
        tabIndex={0}
        aria-label={`Heartbeats of ${props.name} in the last hour: ${summary()}`}
        aria-readonly="true"
        aria-valuemin={0}
        aria-valuemax={LAST}
        aria-valuenow={index()}
        aria-valuetext={text()}
        onKeyDown={press}
        onFocus={() => setInspected(true)}
        onBlur={() => setInspected(false)}
        onPointerMove={follow}
        onPointerLeave={(event) => setInspected(event.currentTarget === document.activeElement)}
      >
        <HeartbeatDrawing class="beats" minutes={props.minutes} sheet={SHEET} />
        <Show when={isInspected()}>
          <span class="beat-cursor" style={{ left: `${(index() / MINUTES_SHOWN) * 100}%` }} />
          <span
            class="beat-tip"
            aria-hidden="true"
            data-side={index() < MINUTES_SHOWN / 2 ? "right" : "left"}
            style={{ left: `${((index() + 0.5) / MINUTES_SHOWN) * 100}%` }}
          >
            {text()}
          </span>
        </Show>
      </div>
      <p class="beat-scale" aria-hidden="true">
        <span>60 min ago</span>
        <span>now</span>
      </p>
    </div>
  );
}

function clamp(index: number): number {
  return Math.min(LAST, Math.max(0, index));
}
