import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { formatCount } from "../../lib/numbers.ts";

/** How many organizations are named; the rest are only counted. */
const NAMED = 3;

/** The organizations that a user or token has access to. */
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
              <span class="muted">and {formatCount(ids().length - NAMED)} more</span>
            </Show>
          </span>
        </Show>
      )}
    </Show>
  );
}
