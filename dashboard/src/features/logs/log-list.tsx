import { createVirtualizer } from "@tanstack/solid-virtual";
import { createEffect, createSignal, For, on, onMount, Show, untrack } from "solid-js";
import { visibleText } from "../../../../common/text.ts";
import { now } from "../../lib/clock.ts";
import { zone } from "../../lib/preferences.ts";
import { exactTime, shortTime } from "../../lib/time.ts";
import { createListCursor } from "../../ui/list-cursor.ts";
import { anchorOf, type LogLine } from "./lines.ts";

const ROW_PX = 22;

interface LogListProps {
  lines: readonly LogLine[];
  isFollowing: boolean;
  isWrapped: boolean;
  /** The line that the address links to. */
  anchor: string | null;
  onFollow: (isOn: boolean) => void;
  onPick: (line: LogLine) => void;
  ref: (handle: LogListHandle) => void;
}

export interface LogListHandle {
  moveBy(step: number): void;
  toEnd(): void;
  toStart(): void;
  focus(): void;
}

/** Renders only the visible lines, and follows the end until the user scrolls up. */
export function LogList(props: LogListProps) {
  let scroller: HTMLDivElement | undefined;
  let lastTop = 0;
  const [current, setCurrent] = createSignal<LogLine | null>(null);
  const virtualizer = createVirtualizer({
    get count() {
      return props.lines.length;
    },
    getScrollElement: () => scroller ?? null,
    estimateSize: () => ROW_PX,
    overscan: 12,
    getItemKey: (index) => `${props.isWrapped}:${index}`,
  });
  const toEnd = () => {
    if (props.lines.length > 0) virtualizer.scrollToIndex(props.lines.length - 1, { align: "end" });
  };

  const scrolled = () => {
    if (!scroller) return;
    const top = scroller.scrollTop;
    const isAtEnd = scroller.scrollHeight - top - scroller.clientHeight < 4;
    const by = top - lastTop;
    lastTop = top;
    if (by > 0 && isAtEnd) props.onFollow(true);
    else if (by < -2 && !isAtEnd) props.onFollow(false);
  };
  createEffect(
    on([() => props.lines, () => props.isFollowing, () => props.isWrapped], () => {
      // After the new rows are laid out.
      if (props.isFollowing && props.anchor === null) queueMicrotask(toEnd);
    }),
  );
  // Centers a linked line once it is loaded.
  let shown: string | null = null;
  createEffect(() => {
    const { anchor, lines } = props;
    if (anchor === null || anchor === shown || lines.length === 0) return;
    const index = lines.findIndex((line) => anchorOf(line) === anchor);
    if (index < 0) return;
    shown = anchor;
    setCurrent(lines[index] ?? null);
    props.onFollow(false);
    queueMicrotask(() => virtualizer.scrollToIndex(index, { align: "center" }));
  });

  const last = () => props.lines.length - 1;
  const cursor = createListCursor({
    count: () => props.lines.length,
    index() {
      const line = current();
      const index = line === null ? -1 : props.lines.indexOf(line);
      return index < 0 ? last() : index;
    },
    setIndex(index) {
      setCurrent(props.lines[index] ?? null);
      if (index < last()) props.onFollow(false);
      virtualizer.scrollToIndex(index);
    },
    isInside: () => current() !== null,
  });
  const press = (event: KeyboardEvent) => {
    const line = current();
    if (event.key === "Enter" && line && event.target === scroller) props.onPick(line);
    else if (event.key === "ArrowDown") cursor.moveBy(1);
    else if (event.key === "ArrowUp") cursor.moveBy(-1);
    else return;
    event.preventDefault();
  };
  onMount(() =>
    props.ref({
      moveBy: cursor.moveBy,
      toEnd,
      toStart: () => {
        props.onFollow(false);
        virtualizer.scrollToIndex(0);
      },
      focus: () => scroller?.focus({ preventScroll: true }),
    }),
  );

  return (
    <section
      ref={scroller}
      class="log-scroll"
      data-wrap={props.isWrapped}
      tabindex="0"
      aria-label="Log lines, oldest first"
      onScroll={scrolled}
      onKeyDown={press}
    >
      <div class="virtual-space" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        <For each={virtualizer.getVirtualItems()}>
          {(place) => (
            <Show when={props.lines[place.index]}>
              {(line) => (
                <div
                  class="log-line"
                  data-index={place.index}
                  data-level={line().level}
                  data-current={current() === line()}
                  data-linked={props.anchor !== null && anchorOf(line()) === props.anchor}
                  ref={(element) => queueMicrotask(() => element.isConnected && virtualizer.measureElement(element))}
                  style={{ transform: `translateY(${place.start}px)` }}
                >
                  <Line line={line()} onPick={() => props.onPick(line())} />
                </div>
              )}
            </Show>
          )}
        </For>
      </div>
    </section>
  );
}

function Line(props: { line: LogLine; onPick: () => void }) {
  const pick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    props.onPick();
  };
  return (
    <>
      {/* Not a tab stop: the arrow keys and Enter do the same from the list itself. */}
      <a
        class="log-time"
        tabindex="-1"
        href={`?line=${anchorOf(props.line)}`}
        title={exactTime(props.line.at, zone())}
        onClick={pick}
      >
        {shortTime(props.line.at, untrack(now), zone())}
      </a>
      <span class="log-level">{props.line.level}</span>
      <span class="log-text">
        {visibleText(props.line.message)}
        <Show when={props.line.count > 1}>
          <span class="log-count"> ×{props.line.count}</span>
        </Show>
      </span>
    </>
  );
}
