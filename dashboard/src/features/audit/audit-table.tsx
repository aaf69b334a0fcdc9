import { A } from "@solidjs/router";
import { createUniqueId, For, Show } from "solid-js";
import { momentOf } from "../../lib/time.ts";
import { DiffView } from "../../ui/diff-view.tsx";
import { Chevron } from "../../ui/icons.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import type { AuditEntry } from "./audit-model.ts";

interface AuditTableProps {
  entries: readonly AuditEntry[];
  open: ReadonlySet<string>;
  onToggle: (id: string) => void;
}

export function AuditTable(props: AuditTableProps) {
  return (
    <div class="table-scroll audit-table">
      <table>
        <caption class="sr-only">Audit log, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Actor</th>
            <th scope="col">Action</th>
            <th scope="col">Target</th>
            <th scope="col" class="audit-wide">
              Organization
            </th>
            <th scope="col" class="audit-wide">
              Address
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.entries}>
            {(entry) => (
              <Entry entry={entry} isOpen={props.open.has(entry.id)} onToggle={() => props.onToggle(entry.id)} />
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}

function Entry(props: { entry: AuditEntry; isOpen: boolean; onToggle: () => void }) {
  const detail = createUniqueId();
  return (
    <>
      <tr class="audit-row" data-id={props.entry.id} data-open={props.isOpen}>
        <td>
          <button
            class="audit-toggle"
            type="button"
            aria-expanded={props.isOpen}
            aria-controls={props.isOpen ? detail : undefined}
            onClick={() => props.onToggle()}
          >
            <Chevron />
            <Moment at={momentOf(props.entry.at)} isPlain />
            <span class="sr-only">
              , {props.entry.action} on <Name of={props.entry.target_id} /> by <Name of={props.entry.actor} />
            </span>
          </button>
        </td>
        <td class="audit-who">
          <Name of={props.entry.actor} />
        </td>
        <td>
          <code>{props.entry.action}</code>
        </td>
        <td class="audit-target">
          <span class="muted">{props.entry.target_type}</span> <span>{props.entry.target_id}</span>
        </td>
        <td class="audit-wide">
          <Show when={props.entry.organization_id} fallback={<span class="muted">–</span>}>
            {/* Not a tab stop: the expanded entry has the same link, and two stops per row would be too many. */}
            {(id) => (
              <A tabindex="-1" href={`/organizations/${encodeURIComponent(id())}`}>
                {id()}
              </A>
            )}
          </Show>
        </td>
        <td class="audit-wide">
          <span class="muted">{props.entry.ip ?? "–"}</span>
        </td>
      </tr>
      <Show when={props.isOpen}>
        <tr class="audit-detail">
          <td colspan="6" id={detail}>
            <Detail entry={props.entry} />
          </td>
        </tr>
      </Show>
    </>
  );
}

function Detail(props: { entry: AuditEntry }) {
  const isChange = () => props.entry.before !== null && props.entry.after !== null;
  const only = () => props.entry.after ?? props.entry.before;
  return (
    <div class="audit-body">
      <Show
        when={isChange()}
        fallback={
          <Show when={only()} fallback={<p class="muted">No details were recorded.</p>}>
            {(value) => <JsonView value={value()} label={props.entry.after ? "the new value" : "the previous value"} />}
          </Show>
        }
      >
        <DiffView before={props.entry.before} after={props.entry.after} label={`Changes to ${props.entry.target_id}`} />
      </Show>
      <dl class="audit-facts">
        <Fact name="Exact time" value={props.entry.at} />
        <Show when={props.entry.organization_id}>
          {(id) => (
            <div>
              <dt>Organization</dt>
              <dd>
                <A href={`/organizations/${encodeURIComponent(id())}`}>{id()}</A>
              </dd>
            </div>
          )}
        </Show>
        <Fact name="IP address" value={props.entry.ip} />
        <Fact name="Request ID" value={props.entry.request_id} />
        <Fact name="User agent" value={props.entry.user_agent} />
        <Fact name="Entry ID" value={props.entry.id} />
      </dl>
    </div>
  );
}

function Fact(props: { name: string; value: string | null }) {
  return (
    <Show when={props.value}>
      <div>
        <dt>{props.name}</dt>
        <dd>
          <code>{props.value}</code>
        </dd>
      </div>
    </Show>
  );
}
