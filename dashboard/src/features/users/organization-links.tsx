import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { plural } from "../../lib/numbers.ts";

/** Organizations that are named; of more their number is told. */
const NAMED = 3;

/** What somebody is bound to. */
export function OrganizationLinks(props: { ids: readonly string[] | null }) {
  return (
    <Show when={props.ids} fallback="All">
      {(ids) => (
        <Show when={ids().length > 0} fallback={<span class="muted">None</span>}>
          <span class="user-organizations" title={ids().join(", ")}>
            <For each={ids().slice(0, NAMED)}>
              {(id) => <A href={`/organizations/${encodeURIComponent(id)}`}>{id}</A>}
            </For>
            <Show when={ids().length > NAMED}>
              <span class="muted">and {plural(ids().length - NAMED, "other")}</span>
            </Show>
          </span>
        </Show>
      )}
    </Show>
  );
}
