import { A } from "@solidjs/router";
import { createEffect, createSignal, For, Match, Show, Switch } from "solid-js";
import { Dynamic } from "solid-js/web";
import { ATTENTION_KINDS } from "../../../../worker/contract/values/lists.ts";
import { formatCount, plural } from "../../lib/numbers.ts";
import { momentOf } from "../../lib/time.ts";
import type { ListQuery } from "../../live/query.ts";
import {
  Chevron,
  HalfDisc,
  MessagesIcon,
  NoEntry,
  OctagonWithCross,
  PlugOut,
  Triangle,
  TriangleWithCross,
  TwoMachines,
} from "../../ui/icons.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { mayAdminister } from "../session/session.ts";
import { AdmitDialog } from "./admit-dialog.tsx";
import {
  type AttentionKind,
  type AttentionView,
  canBeAdmitted,
  describeItem,
  KIND_WORDS,
  type ListedAttention,
  type ListedItem,
  placeToAct,
} from "./attention.ts";
import { ATTENTION_SHOWN } from "./use-overview.ts";
import "./attention.css";

const ICONS = {
  duplicate_identity: TwoMachines,
  refused: NoEntry,
  lost: PlugOut,
  config_failed: TriangleWithCross,
  config_drifted: Triangle,
  config_unconfirmed: HalfDisc,
  unhealthy: OctagonWithCross,
  degraded: Triangle,
  messages: MessagesIcon,
  never_connected: PlugOut,
  long_lost: PlugOut,
};

interface AttentionPanelProps {
  query: ListQuery<ListedAttention>;
  view: AttentionView;
  onView: (view: AttentionView) => void;
}

/** What needs attention, most severe first, all or of one kind. Each row links to the place to act. */
export function AttentionPanel(props: AttentionPanelProps) {
  const [items, setItems] = createSignal<readonly ListedItem[]>([]);
  const [isPointed, setPointed] = createSignal(false);
  const [isFocused, setFocused] = createSignal(false);
  const isHeld = () => isPointed() || isFocused();
  const newest = () => props.query.data?.items ?? [];
  const data = () => props.query.data;
  const pages = () => Math.ceil((data()?.total ?? 0) / ATTENTION_SHOWN);
  let shown: AttentionView | undefined;
  // Nothing moves under the pointer or the focus, unless the list was empty or the view changes.
  createEffect(() => {
    const next = [...newest()];
    if (props.query.isPlaceholderData) return;
    const isSame = shown === props.view;
    shown = props.view;
    setItems((old) => (isSame && isHeld() && old.length > 0 ? old : next));
  });
  const isBehind = () => isHeld() && !props.query.isPlaceholderData && idsOf(newest()) !== idsOf(items());

  const [admitting, setAdmitting] = createSignal<ListedItem | null>(null);

  return (
    <section
      class="panel attention"
      id="attention"
      tabindex="-1"
      aria-labelledby="attention-title"
      aria-busy={props.query.isPlaceholderData}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocusIn={(event) => event.target !== event.currentTarget && setFocused(true)}
      // Moving the focus to another row keeps the list frozen, so that the row cannot disappear.
      onFocusOut={({ currentTarget, relatedTarget: next }) =>
        setFocused(next instanceof Node && currentTarget.contains(next))
      }
    >
      <header class="panel-head">
        <h2 id="attention-title">Needs attention</h2>
        <Show when={isBehind()}>
          <button class="button" type="button" onClick={() => setItems([...newest()])}>
            Show changes
          </button>
        </Show>
        <Show when={data()}>
          {(known) => (
            <Kinds
              counts={known().counts}
              chosen={props.view.kind}
              onChoose={(kind) => props.onView({ kind, page: 1 })}
            />
          )}
        </Show>
      </header>
      <Switch>
        <Match when={data()?.total === 0}>
          <p class="attention-none">
            {props.view.kind === null
              ? "All orchestrators are healthy and connected, and no messages are pending."
              : "Nothing of this kind needs attention."}
          </p>
        </Match>
        <Match when={data()}>
          <Show when={items().length > 0} fallback={<p class="attention-none">Nothing left on this page.</p>}>
            <ul class="attention-list">
              <For each={items()}>{(item) => <Row item={item} onAdmit={() => setAdmitting(item)} />}</For>
            </ul>
          </Show>
          <Show when={pages() > 1 || props.view.page > 1}>
            <Pager
              page={props.view.page}
              totalPages={pages()}
              onPage={(page) => props.onView({ ...props.view, page })}
            />
          </Show>
        </Match>
        <Match when={props.query.isLoading}>
          <Skeleton what="what needs attention" />
        </Match>
        <Match when={props.query.failure}>
          {(failure) => (
            <p class="attention-none" role="alert">
              {failure().message}. Could not load what needs attention.
            </p>
          )}
        </Match>
      </Switch>
      <Show when={admitting()}>
        {(item) => (
          <AdmitDialog item={item()} onAdmitted={() => props.query.refetch()} onClose={() => setAdmitting(null)} />
        )}
      </Show>
    </section>
  );
}

function idsOf(items: readonly ListedItem[]): string {
  return items.map(({ id }) => id).join();
}

interface KindsProps {
  counts: ListedAttention["counts"];
  chosen: AttentionKind | null;
  onChoose: (kind: AttentionKind | null) => void;
}

/** The count of each kind; pressing one filters the list. */
function Kinds(props: KindsProps) {
  const countOf = (kind: AttentionKind) => props.counts[kind] ?? 0;
  return (
    <ul class="attention-kinds">
      <For each={ATTENTION_KINDS.filter((kind) => countOf(kind) > 0 || kind === props.chosen)}>
        {(kind) => (
          <li>
            <button
              class="toggle-chip"
              type="button"
              aria-pressed={kind === props.chosen}
              onClick={() => props.onChoose(kind === props.chosen ? null : kind)}
            >
              {KIND_WORDS[kind]} <strong class="number">{formatCount(countOf(kind))}</strong>
            </button>
          </li>
        )}
      </For>
    </ul>
  );
}

function Row(props: { item: ListedItem; onAdmit: () => void }) {
  const isAdmittable = () => mayAdminister() && canBeAdmitted(props.item);
  const place = () => placeToAct(props.item);
  const kind = () =>
    props.item.kind === "messages" ? plural(props.item.count, "message") : KIND_WORDS[props.item.kind];
  return (
    <li class="attention-row" data-severity={props.item.severity}>
      <span class="attention-what">
        <Dynamic component={ICONS[props.item.kind]} />
        <span>
          {kind()}
          <span class="attention-severity">{props.item.severity}</span>
        </span>
      </span>
      <span class="attention-who">
        <Show
          when={!canBeAdmitted(props.item)}
          fallback={
            <strong class="clip">
              <Name of={props.item.name} or={props.item.orchestrator_id} />
            </strong>
          }
        >
          <A class="attention-link clip" href={place().href}>
            <Name of={props.item.name} or={props.item.orchestrator_id} />
            <span class="sr-only">: {place().label}</span>
          </A>
        </Show>
        <span class="muted" classList={{ clip: props.item.refusal === null }} title={describeItem(props.item)}>
          {describeItem(props.item)}
        </span>
      </span>
      <span class="attention-since muted">
        <Show when={momentOf(props.item.since)}>{(at) => <Moment at={at()} isPlain />}</Show>
      </span>
      <Show
        when={canBeAdmitted(props.item)}
        fallback={
          <span class="attention-act" aria-hidden="true">
            {place().label} <Chevron />
          </span>
        }
      >
        <Show when={isAdmittable()}>
          <button class="button attention-admit" type="button" onClick={() => props.onAdmit()}>
            Register again
          </button>
        </Show>
      </Show>
    </li>
  );
}
