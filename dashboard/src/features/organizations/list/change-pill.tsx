import { Show } from "solid-js";
import { plural } from "../../../lib/numbers.ts";
import { Refresh } from "../../../ui/icons.tsx";
import type { Rows } from "./rows.ts";

/** Holds back changes that would move rows under the pointer. */
export function ChangePill(props: { rows: Rows }) {
  return (
    <div class="pill-place" role="status">
      <Show when={props.rows.changes() > 0}>
        <button class="change-pill" type="button" onClick={() => void props.rows.refresh()}>
          <Refresh />
          Refresh: {plural(props.rows.changes(), "row")} changed
        </button>
      </Show>
    </div>
  );
}
