import { A } from "@solidjs/router";
import { createEffect, createSignal, For, Match, Show, Switch } from "solid-js";
import { Dynamic } from "solid-js/web";
import { formatCount, plural } from "../../lib/numbers.ts";
import type { ListQuery } from "../../lib/query.ts";
import { momentOf } from "../../lib/time.ts";
import { Chevron, MessagesIcon, OctagonWithCross, PlugOut, Triangle, TriangleWithCross } from "../../ui/icons.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import {
  describeItem,
  KIND_WORDS,
  KINDS,
  type ListedAttention,
  type ListedItem,
  placeOfKind,
  placeToAct,
} from "./attention.ts";

const ICONS = {
  lost: PlugOut,
  config_failed: TriangleWithCross,
  unhealthy: OctagonWithCross,
  degraded: Triangle,
  messages: MessagesIcon,
};

/** What needs a person, the most severe first; each row leads to where something can be done. */
export function AttentionPanel(props: { query: ListQuery<ListedAttention> }) {
  const [items, setItems] = createSignal<readonly ListedItem[]>([]);
  const [isHeld, setHeld] = createSignal(false);
  const newest = () => props.query.data?.items ?? [];
  // Under the pointer and the focus nothing moves, once there is something.
  createEffect(() => {
    const next = [...newest()];
    setItems((old) => (isHeld() && old.length > 0 ? old : next));
  });
  const isBehind = () =>
    isHeld() &&
    newest()
      .map(({ id }) => id)
      .join() !==
      items()
        .map(({ id }) => id)
        .join();
  const left = () => (props.query.data?.total ?? 0) - newest().length;

  return (
    <section
      class="panel attention"
      id="attention"
      tabindex="-1"
      aria-labelledby="attention-title"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={(event) => event.target !== event.currentTarget && setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <header class="panel-head">
        <h2 id="attention-title">Needs attention</h2>
        <Show when={isBehind()}>
          <button class="button" type="button" onClick={() => setItems([...newest()])}>
            The list has changed: show
          </button>
        </Show>
        <Show when={props.query.data}>{(data) => <Kinds counts={data().counts} />}</Show>
      </header>
      <Switch>
        <Match when={props.query.data?.total === 0}>
          <p class="attention-none">Nothing is lost, failed or unhealthy, and no message waits.</p>
        </Match>
        <Match when={props.query.data}>
          <ul class="attention-list">
            <For each={items()}>{(item) => <Row item={item} />}</For>
          </ul>
          <Show when={left() > 0}>
            <p class="attention-more muted">And {formatCount(left())} more that are no more severe.</p>
          </Show>
        </Match>
        <Match when={props.query.isLoading}>
          <Skeleton what="what needs attention" />
        </Match>
        <Match when={props.query.failure}>
          {(failure) => (
            <p class="attention-none" role="alert">
              {failure().message}. What needs attention is not known.
            </p>
          )}
        </Match>
      </Switch>
    </section>
  );
}

function Kinds(props: { counts: ListedAttention["counts"] }) {
  return (
    <ul class="attention-kinds">
      <For each={KINDS.filter((kind) => (props.counts[kind] ?? 0) > 0)}>
        {(kind) => (
          <li>
            <A
              class="tag attention-kind"
              href={placeOfKind(kind)}
              title={`${plural(props.counts[kind] ?? 0, "orchestrator")}: show all`}
            >
              {KIND_WORDS[kind]} <strong class="number">{formatCount(props.counts[kind] ?? 0)}</strong>
            </A>
          </li>
        )}
      </For>
    </ul>
  );
}

function Row(props: { item: ListedItem }) {
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
        <A class="attention-link clip" href={place().href}>
          {props.item.name}
          <span class="sr-only">: {place().label}</span>
        </A>
        <span class="muted clip" title={describeItem(props.item)}>
          {describeItem(props.item)}
        </span>
      </span>
      <span class="attention-since muted">
        <Show when={momentOf(props.item.since)}>{(at) => <Moment at={at()} isPlain />}</Show>
      </span>
      <span class="attention-act" aria-hidden="true">
        {place().label} <Chevron />
      </span>
    </li>
  );
}
