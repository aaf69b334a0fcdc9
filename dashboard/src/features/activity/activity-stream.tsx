import { useSearchParams } from "@solidjs/router";
import { type Accessor, createEffect, createMemo, createSignal, For, on, onCleanup, Show } from "solid-js";
import { useCommands } from "../../lib/commands.ts";
import { rescueFocus } from "../../lib/focus.ts";
import { formatCount } from "../../lib/numbers.ts";
import { preferences, ROW_HEIGHT_PX } from "../../lib/preferences.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { createListCursor, stepCommands } from "../../ui/list-cursor.ts";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { VirtualList, type VirtualListHandle } from "../../ui/virtual-list.tsx";
import { NewPill } from "../records/new-pill.tsx";
import { ActivityFilters } from "./activity-filters.tsx";
import { type Activity, createActivity } from "./activity-model.ts";
import { ActivityRow } from "./activity-row.tsx";
import { CAPACITY } from "./entries.ts";
import { readTypes } from "./filter.ts";
import "../records/records.css";
import "./activity.css";

const NARROW_ROW_PX = 58;
const COLUMNS = ["Time", "Event", "Orchestrator", "Organization", "Details"];

/** The live events of the fleet, newest first. */
export function ActivityStream() {
  const [search, setSearch] = useSearchParams<{ types?: string; q?: string; beats?: string }>();
  const hasBeats = () => search.beats === "on";
  const types = createMemo(() => readTypes(search.types));
  const activity = createActivity(() => ({ types: types(), text: search.q ?? "" }));
  const [isPaused, setPaused] = createSignal(false);
  const [isUnderPointer, setUnderPointer] = createSignal(false);
  const [isScrolled, setScrolled] = createSignal(false);
  const [current, setCurrent] = createSignal(0);
  const rowPx = createRowHeight();
  let list: VirtualListHandle | undefined;
  let box: HTMLInputElement | undefined;

  createEffect(() => activity.hold(!activity.query.isLoading && (isPaused() || isUnderPointer() || isScrolled())));
  createEffect(on([types, () => search.q], () => setCurrent(0), { defer: true }));

  const showNew = () => {
    setPaused(false);
    setUnderPointer(false);
    setScrolled(false);
    list?.scrollToIndex(0, "start");
    // The pressed button has disappeared.
    rescueFocus(() => list?.element.focus({ preventScroll: true }));
  };
  const cursor = createListCursor({
    count: () => activity.shown().length,
    index: current,
    setIndex(index) {
      setCurrent(index);
      list?.scrollToIndex(index);
    },
    isInside: () => list?.element.contains(document.activeElement) ?? false,
    elementAt: (index) =>
      list?.element.querySelector<HTMLElement>(`[data-id="${CSS.escape(activity.shown()[index]?.id ?? "")}"] a`),
  });
  const group = "Activity";
  useCommands(() => [
    { id: "activity:pause", title: "Pause or resume activity", group, keys: "p", run: () => setPaused(!isPaused()) },
    { id: "activity:search", title: "Filter activity", group, keys: "/", run: () => box?.focus() },
    { id: "activity:new", title: "Show new events", group, keys: ".", run: showNew },
    ...stepCommands("activity", group, "event", cursor.moveBy),
  ]);

  return (
    <>
      <ActivityFilters
        text={search.q ?? ""}
        types={types()}
        hasBeats={hasBeats()}
        isPaused={isPaused()}
        ref={(input) => {
          box = input;
        }}
        onText={(q) => setSearch({ q: q || undefined }, { replace: true })}
        onTypes={(next) => setSearch({ types: next.join(",") || undefined }, { replace: true })}
        onBeats={(isOn) => setSearch({ beats: isOn ? "on" : undefined }, { replace: true })}
        onPause={() => setPaused(!isPaused())}
      />
      <StaleBanner query={activity.query} />
      <Show when={hasBeats()}>
        <Beats activity={activity} />
      </Show>
      <Show when={activity.shown().length > 0} fallback={<Nothing activity={activity} />}>
        <div
          class="panel act-panel"
          onPointerEnter={(event) => event.pointerType === "mouse" && setUnderPointer(true)}
          onPointerLeave={() => setUnderPointer(false)}
        >
          {/* Inside, because the list is held while the pointer is in this element. */}
          <NewPill count={activity.newCount()} one="event" onShow={showNew} />
          <div class="act-head" aria-hidden="true">
            <For each={COLUMNS}>{(name) => <span>{name}</span>}</For>
          </div>
          {/* A different row height needs a new list. */}
          <Show when={rowPx()} keyed>
            {(heightPx) => (
              <VirtualList
                class="act-scroll"
                label="Events, newest first"
                items={activity.shown()}
                keyOf={(entry) => entry.id}
                rowHeightPx={heightPx}
                ref={(handle) => {
                  list = handle;
                }}
                onScroll={(handle) => setScrolled(handle.element.scrollTop > 4)}
              >
                {(entry, index) => (
                  <ActivityRow
                    entry={entry()}
                    isCurrent={index() === current()}
                    onFocus={() => {
                      setCurrent(index());
                      setScrolled(true);
                    }}
                  />
                )}
              </VirtualList>
            )}
          </Show>
        </div>
      </Show>
      <p class="hint act-note">
        Shows up to {formatCount(CAPACITY)} recent events that the controller still has. Changes by users are kept in
        the audit log.
      </p>
    </>
  );
}

function createRowHeight(): Accessor<number> {
  const narrow = matchMedia("(max-width: 720px)");
  const [isNarrow, setNarrow] = createSignal(narrow.matches);
  const follow = () => setNarrow(narrow.matches);
  narrow.addEventListener("change", follow);
  onCleanup(() => narrow.removeEventListener("change", follow));
  return () => (isNarrow() ? NARROW_ROW_PX : ROW_HEIGHT_PX[preferences.density]);
}

/** Follows the log for as long as it is rendered. */
function Beats(props: { activity: Activity }) {
  props.activity.followBeats();
  return null;
}

function Nothing(props: { activity: Activity }) {
  return (
    <Show
      when={props.activity.total() > 0}
      fallback={
        <Show when={!props.activity.query.isLoading} fallback={<Skeleton what="activity" />}>
          <EmptyState
            kind="nothing-yet"
            title="No activity yet"
            text="Changes to connections, health, independence, configuration and messages appear here as they happen."
          />
        </Show>
      }
    >
      <EmptyState kind="no-match" title="No matching events" text="Change or reset the filters." />
    </Show>
  );
}
