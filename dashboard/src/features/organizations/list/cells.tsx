import { A } from "@solidjs/router";
import { createMemo, type JSX, Show } from "solid-js";
import { nameInText } from "../../../../../common/text.ts";
import { formatCount, plural } from "../../../lib/numbers.ts";
import { Pause } from "../../../ui/icons.tsx";
import { ConfigMark, HealthMark } from "../../../ui/marks.tsx";
import { Moment } from "../../../ui/moment.tsx";
import { Name } from "../../../ui/name.tsx";
import { StatusBadge } from "../../../ui/status-badge.tsx";
import { HeartbeatStrip } from "../../orchestrator/heartbeat/heartbeat-strip.tsx";
import type { Heartbeats } from "../../orchestrator/heartbeat/heartbeats.ts";
import { mergeMinutes } from "../../orchestrator/heartbeat/merge-minutes.ts";
import type { ColumnId } from "./columns.ts";
import type { RowView } from "./row-view.ts";
import type { Item } from "./rows.ts";
import "./rows.css";

interface CellProps {
  column: ColumnId;
  item: Item;
  view: RowView;
  beats: Heartbeats;
  /** Only the focused row has tab stops. */
  tabIndex: number;
}

/** One fact of an organization, for the table and the cards. The column of a cell never changes. */
export function Cell(props: CellProps): JSX.Element {
  switch (props.column) {
    case "status":
      return <StatusBadge status={props.view.status} />;
    case "instances":
      return (
        <Connected
          connected={props.view.connected}
          total={props.view.orchestrators}
          isAlarming={props.view.status !== "independent"}
        />
      );
    case "health":
      return <HealthMark health={props.view.health} />;
    case "config":
      return <ConfigMark state={props.view.config} />;
    case "version":
      return <Version item={props.item} />;
    case "location":
      return (
        <span class="clip" title={nameInText(props.item.location) || undefined}>
          <Name of={props.item.location} or="–" />
        </span>
      );
    case "seen":
      return <Seen view={props.view} />;
    case "beats":
      return <Strip ids={props.item.orchestrator_ids} beats={props.beats} />;
    case "pending":
      return <Pending item={props.item} tabIndex={props.tabIndex} />;
  }
}

/** A disconnected independent orchestrator is not an alarm. */
function Connected(props: { connected: number; total: number; isAlarming: boolean }) {
  return (
    <Show when={props.total > 0} fallback={<span class="muted">None</span>}>
      <span
        class="connected"
        data-short={props.isAlarming && props.connected < props.total}
        title={`${props.connected} of ${props.total} connected`}
      >
        <span class="number">{props.connected}</span>
        <span class="sr-only"> of </span>
        <span class="muted number" aria-hidden="true">
          /
        </span>
        <span class="muted number">{props.total}</span>
      </span>
    </Show>
  );
}

function Version(props: { item: Item }) {
  return (
    <Show
      when={props.item.versions > 1}
      fallback={
        <span class="clip">
          <Name of={props.item.version} or="–" />
        </span>
      }
    >
      <span class="muted">{plural(props.item.versions, "version")}</span>
    </Show>
  );
}

/** Independent organizations are never shown as stale, because "last seen" stops updating on purpose. */
function Seen(props: { view: RowView }) {
  const isFrozen = () => props.view.status === "independent" && props.view.lastSeenAt !== null;
  return (
    <span class="seen" title={isFrozen() ? "Last recorded – frozen while independent" : undefined}>
      <Show when={isFrozen()}>
        <Pause />
        <span class="sr-only">Last recorded, frozen while independent:</span>
      </Show>
      <Moment at={props.view.lastSeenAt} isFrozen={isFrozen()} isPlain />
    </span>
  );
}

function Strip(props: { ids: readonly string[]; beats: Heartbeats }) {
  const minutes = createMemo(() => mergeMinutes(props.ids.map((id) => props.beats.of(id))));
  return (
    <Show when={props.ids.length > 0} fallback={<span class="muted">–</span>}>
      <HeartbeatStrip minutes={minutes()} />
    </Show>
  );
}

function Pending(props: { item: Item; tabIndex: number }) {
  const count = () => props.item.pending_messages;
  return (
    <Show when={count() > 0} fallback={<span class="muted">–</span>}>
      <A
        class="pending"
        href={`/organizations/${props.item.organization_id}/messages`}
        tabindex={props.tabIndex}
        aria-label={`${plural(count(), "pending message")} of ${nameInText(props.item.name, props.item.organization_id)}`}
      >
        {formatCount(count())}
      </A>
    </Show>
  );
}
