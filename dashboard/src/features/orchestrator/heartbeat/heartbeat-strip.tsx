import { Show } from "solid-js";
import { HeartbeatDrawing } from "./heartbeat-drawing.tsx";
import { type BeatMinute, summarize } from "./minutes.ts";

const SHEET = { pitch: 2, gap: 0, height: 16 };

/** The heartbeats of the last hour in a table row. undefined: not loaded yet. */
export function HeartbeatStrip(props: { minutes: readonly BeatMinute[] | undefined }) {
  return (
    <Show when={props.minutes} fallback={<span class="beat-strip" />}>
      {(minutes) => (
        <span class="beat-strip" role="img" aria-label={`Heartbeats: ${summarize(minutes())}`}>
          <HeartbeatDrawing class="beats" minutes={minutes()} sheet={SHEET} />
        </span>
      )}
    </Show>
  );
}
