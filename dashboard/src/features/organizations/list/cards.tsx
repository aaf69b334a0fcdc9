import { createWindowVirtualizer } from "@tanstack/solid-virtual";
import { createEffect, createSignal, For, on, onCleanup, onMount } from "solid-js";
import { CardPlace } from "./card.tsx";
import { shownColumns } from "./columns.ts";
import { gridKeys } from "./grid-keys.ts";
import type { ListParts } from "./list-parts.ts";
import "./cards.css";

const GAP_PX = 12;
/** The estimated height of a card; the real one is measured after rendering. */
const CARD_HEIGHT_PX = 220;
const MIN_WIDTH_PX = 340;
const OVERSCAN = 1;

/** All organizations as cards, rendered as the page scrolls. */
export function OrganizationCards(props: { list: ListParts }) {
  const { rows, cursor, show } = props.list;
  const [width, setWidth] = createSignal(0);
  const [top, setTop] = createSignal(0);
  let grid: HTMLDivElement | undefined;

  const columns = () => Math.max(1, Math.floor((width() + GAP_PX) / (MIN_WIDTH_PX + GAP_PX)));
  const virtualizer = createWindowVirtualizer({
    get count() {
      return Math.ceil(rows.total() / columns());
    },
    estimateSize: () => CARD_HEIGHT_PX + GAP_PX,
    indexAttribute: "data-line",
    overscan: OVERSCAN,
    get scrollMargin() {
      return top();
    },
    scrollPaddingStart: 64,
    scrollPaddingEnd: 80,
  });
  const remeasure = () => {
    virtualizer.measure();
    // Rows of unchanged height are not measured again automatically.
    for (const line of grid?.querySelectorAll<HTMLElement>("[data-line]") ?? []) virtualizer.measureElement(line);
  };
  createEffect(on([columns, shownColumns], () => queueMicrotask(remeasure), { defer: true }));
  createEffect(() => {
    const items = virtualizer.getVirtualItems();
    const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
    show(first * columns(), Math.min(rows.total(), (last + 1) * columns()) - 1);
  });
  onMount(() => {
    if (!grid) return;
    const element = grid;
    const follow = () => {
      setWidth(element.clientWidth);
      setTop(element.getBoundingClientRect().top + scrollY);
    };
    const observer = new ResizeObserver(follow);
    observer.observe(element);
    // Content above the list moves it without resizing it.
    observer.observe(document.body);
    follow();
    onCleanup(() => observer.disconnect());
    cursor.attach({
      element,
      scrollToIndex: (index) => virtualizer.scrollToIndex(Math.floor(index / columns())),
    });
  });
  onCleanup(() => cursor.attach(null));
  const placesOf = (line: number) =>
    Array.from(
      { length: Math.min(columns(), rows.total() - line * columns()) },
      (_, index) => line * columns() + index,
    );

  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of cards are between the list and its items.
    <div
      ref={grid}
      class="org-cards"
      role="list"
      aria-label="Organizations"
      aria-busy={rows.isBehind()}
      onKeyDown={gridKeys(cursor, { step: columns, page: () => columns() * 3, total: rows.total })}
      onFocusIn={cursor.onFocusIn}
      onFocusOut={cursor.onFocusOut}
    >
      <div class="org-cards-space" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        <For each={virtualizer.getVirtualItems()}>
          {(line) => (
            <div
              ref={(element) => queueMicrotask(() => element.isConnected && virtualizer.measureElement(element))}
              class="card-line"
              data-line={line.index}
              style={{
                "--columns": `repeat(${columns()}, minmax(0, 1fr))`,
                transform: `translateY(${line.start - top()}px)`,
              }}
            >
              <For each={placesOf(line.index)}>{(index) => <CardPlace list={props.list} index={index} />}</For>
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
