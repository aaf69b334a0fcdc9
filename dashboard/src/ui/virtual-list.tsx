import { createVirtualizer } from "@tanstack/solid-virtual";
import { type Accessor, For, type JSX, Show } from "solid-js";

interface VirtualListProps<T> {
  items: readonly T[];
  /** A unique key per entry, so that a row keeps its element and focus while others come and go. */
  keyOf: (item: T, index: number) => string;
  /** The height of every row; see `ROW_HEIGHT_PX`. */
  rowHeightPx: number;
  children: (item: Accessor<T>, index: Accessor<number>) => JSX.Element;
  class?: string;
  label: string;
  /** Defaults to "list" with "listitem". */
  role?: "list" | "grid" | "log";
  rowRole?: "listitem" | "row";
  overscan?: number;
  /** Receives a handle for scrolling to a row. */
  ref?: (handle: VirtualListHandle) => void;
  onScroll?: (handle: VirtualListHandle) => void;
}

export interface VirtualListHandle {
  element: HTMLElement;
  scrollToIndex(index: number, align?: "start" | "center" | "end" | "auto"): void;
  isAtEnd(): boolean;
}

/** Renders only the visible rows. The element scrolls, so its class must give it a height. */
export function VirtualList<T>(props: VirtualListProps<T>) {
  let scroller: HTMLDivElement | undefined;
  const virtualizer = createVirtualizer({
    get count() {
      return props.items.length;
    },
    getScrollElement: () => scroller ?? null,
    estimateSize: () => props.rowHeightPx,
    get overscan() {
      return props.overscan ?? 8;
    },
    getItemKey: (index) => {
      const item = props.items[index];
      return item === undefined ? index : props.keyOf(item, index);
    },
  });
  const handle = (): VirtualListHandle => ({
    get element() {
      if (!scroller) throw new Error("the list is not on the page");
      return scroller;
    },
    scrollToIndex: (index, align = "auto") => virtualizer.scrollToIndex(index, { align }),
    isAtEnd: () => scroller !== undefined && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 4,
  });
  const attach = (element: HTMLDivElement) => {
    scroller = element;
    props.ref?.(handle());
  };

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the role, which supports them, is only known at runtime.
    <div
      ref={attach}
      class={`virtual ${props.class ?? ""}`}
      tabindex="0"
      role={props.role ?? "list"}
      aria-label={props.label}
      onScroll={() => props.onScroll?.(handle())}
    >
      <div class="virtual-space" role="presentation" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        <For each={virtualizer.getVirtualItems()}>
          {(place) => (
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: as above.
            <div
              class="virtual-row"
              role={props.rowRole ?? "listitem"}
              aria-setsize={props.rowRole === "row" ? undefined : props.items.length}
              aria-posinset={props.rowRole === "row" ? undefined : place.index + 1}
              aria-rowindex={props.rowRole === "row" ? place.index + 1 : undefined}
              style={{ height: `${place.size}px`, transform: `translateY(${place.start}px)` }}
            >
              <Show when={place.index < props.items.length}>
                {props.children(
                  () => props.items[place.index] as T,
                  () => place.index,
                )}
              </Show>
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
