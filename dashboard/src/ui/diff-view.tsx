import { createMemo, For, Show } from "solid-js";
import { visibleText } from "../../../common/text.ts";
import { type Change, diffJson } from "../lib/diff.ts";

interface DiffViewProps {
  before: unknown;
  after: unknown;
  /** "Changes to org-002". */
  label: string;
}

const WORDS = { added: "Added", removed: "Removed", changed: "Changed" };
const SIGNS = { added: "+", removed: "−", changed: "±" };

/** A table of changes by path, marked by sign and word, not by colour alone. */
export function DiffView(props: DiffViewProps) {
  const changes = createMemo(() => diffJson(props.before, props.after));
  return (
    <Show when={changes().length > 0} fallback={<p class="muted">No differences.</p>}>
      <div class="table-scroll">
        <table class="diff">
          <caption class="sr-only">{props.label}</caption>
          <thead>
            <tr>
              <th scope="col">Path</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            <For each={changes()}>{(change) => <Row change={change} />}</For>
          </tbody>
        </table>
      </div>
    </Show>
  );
}

function Row(props: { change: Change }) {
  return (
    <tr data-kind={props.change.kind}>
      <th scope="row">
        <span class="diff-sign" aria-hidden="true">
          {SIGNS[props.change.kind]}
        </span>
        <span class="sr-only">{WORDS[props.change.kind]}: </span>
        <code>{visibleText(props.change.path) || "(everything)"}</code>
      </th>
      <td>{show(props.change.before)}</td>
      <td>{show(props.change.after)}</td>
    </tr>
  );
}

function show(value: unknown) {
  return value === undefined ? <span class="muted">–</span> : <code>{visibleText(JSON.stringify(value))}</code>;
}
