import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { capitalize } from "../../lib/capital.ts";
import { Dash, OctagonWithCross, Triangle } from "../../ui/icons.tsx";

const ICONS: Record<string, typeof Dash> = { critical: OctagonWithCross, high: Triangle };

/** The severity by shape, weight and word. Orchestrators can send other words, which are shown plainly. */
export function SeverityMark(props: { severity: string | null }) {
  return (
    <Show when={props.severity}>
      {(severity) => (
        <span class="mark msg-severity" data-severity={severity()}>
          <Dynamic component={ICONS[severity()] ?? Dash} />
          {capitalize(severity())}
        </span>
      )}
    </Show>
  );
}
