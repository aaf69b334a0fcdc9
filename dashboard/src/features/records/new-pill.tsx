import { Show } from "solid-js";
import { plural } from "../../lib/numbers.ts";
import { Refresh } from "../../ui/icons.tsx";

/** Counts new entries instead of inserting them under the pointer. */
export function NewPill(props: { count: number; one: string; many?: string; onShow: () => void }) {
  return (
    <Show when={props.count > 0}>
      <button class="button new-pill" type="button" aria-keyshortcuts="." onClick={() => props.onShow()}>
        <Refresh />
        {plural(props.count, `new ${props.one}`, props.many ? `new ${props.many}` : undefined)}
      </button>
    </Show>
  );
}
