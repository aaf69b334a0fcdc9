import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import { now } from "../../lib/clock.ts";
import { formatCount } from "../../lib/numbers.ts";
import { orchestratorHref } from "../../lib/places.ts";
import { zone } from "../../lib/preferences.ts";
import { standingTime } from "../../lib/time.ts";
import { Moment } from "../../ui/moment.tsx";
import { ACTIVITY_WORDS, detailOf } from "../activity/filter.ts";
import { useRecent } from "../activity/recent.ts";

const RECENT_MS = 15 * 60_000;
const SHOWN = 8;
/** The number of events to load; more are counted only if they came by the stream. */
const MOST = 200;

/** The events of the last 15 minutes. */
export function ChangesPanel() {
  const { entries } = useRecent(MOST);
  const recent = createMemo(() => {
    const since = now() - RECENT_MS;
    const events = entries();
    const end = events.findIndex(({ at }) => at < since);
    return end < 0 ? events : events.slice(0, end);
  });
  // All loaded events are recent and the limit is reached, so there may be more.
  const isCut = () => recent().length >= MOST && recent().length === entries().length;
  const latest = createMemo(() => recent().slice(0, SHOWN), [], {
    equals: (left, right) => left.length === right.length && left.every(({ id }, index) => id === right[index]?.id),
  });
  return (
    <section class="panel changes" aria-labelledby="changes-title">
      <header class="panel-head">
        <h2 id="changes-title">Activity in the last 15 min</h2>
        <Show when={recent().length > 0}>
          <span class="count">{`${formatCount(recent().length)}${isCut() ? "+" : ""}`}</span>
        </Show>
      </header>
      <Show when={recent().length > 0} fallback={<p class="changes-none muted">No activity in the last 15 minutes.</p>}>
        <ul class="changes-list">
          <For each={latest()}>
            {(event) => (
              <li class="change">
                <span class="change-what">{ACTIVITY_WORDS[event.type]}</span>
                <span class="change-who clip">
                  <A href={orchestratorHref(event.organization_id, event.orchestrator_id)}>{event.orchestrator_id}</A>
                  <Show when={detailOf(event, (at) => standingTime(at, now(), zone()))}>
                    {(detail) => (
                      <span class="muted" title={detail()}>
                        {" "}
                        {detail()}
                      </span>
                    )}
                  </Show>
                </span>
                <span class="muted change-when">
                  <Moment at={event.at} isPlain />
                </span>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <p class="panel-foot">
        <A href="/activity">All activity</A>
      </p>
    </section>
  );
}
