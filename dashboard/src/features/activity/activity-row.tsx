import { A } from "@solidjs/router";
import type { JSX } from "solid-js";
import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { now } from "../../lib/clock.ts";
import { zone } from "../../lib/preferences.ts";
import { standingTime } from "../../lib/time.ts";
import {
  ActivityIcon,
  Cross,
  DiamondWithBrokenLink,
  DoubleTick,
  HalfDisc,
  MessagesIcon,
  OctagonWithCross,
  Plug,
  PlugOut,
  Plus,
  Tick,
  Triangle,
  TriangleWithCross,
} from "../../ui/icons.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ACTIVITY_WORDS, type ActivityEntry, type ActivityType, detailOf } from "./filter.ts";

const ICONS: Record<ActivityType, () => JSX.Element> = {
  registered: Plus,
  connected: Plug,
  disconnected: PlugOut,
  lost: Triangle,
  health: Tick,
  independence: DiamondWithBrokenLink,
  config: HalfDisc,
  message: MessagesIcon,
  message_decided: DoubleTick,
  deregistered: Cross,
  heartbeat: ActivityIcon,
};

/** An icon for the outcome: a change of health shows the new health. */
function iconOf({ type, detail }: ActivityEntry): () => JSX.Element {
  if (type === "health" && detail?.endsWith("unhealthy")) return OctagonWithCross;
  if (type === "health" && detail?.endsWith("degraded")) return Triangle;
  if (type === "config" && detail?.endsWith("failed")) return TriangleWithCross;
  return ICONS[type];
}

export function ActivityRow(props: { entry: ActivityEntry; isCurrent: boolean; onFocus: () => void }) {
  return (
    <div
      class="act-row"
      data-type={props.entry.type}
      data-off={props.entry.detail === "off"}
      data-current={props.isCurrent}
      data-id={props.entry.id}
    >
      <Moment at={props.entry.at} isPlain />
      <span class="mark act-type">
        <Dynamic component={iconOf(props.entry)} />
        {ACTIVITY_WORDS[props.entry.type]}
      </span>
      <code class="clip">{props.entry.orchestrator_id}</code>
      <A
        class="act-link clip"
        href={`/organizations/${encodeURIComponent(props.entry.organization_id)}`}
        tabindex={props.isCurrent ? 0 : -1}
        onFocus={() => props.onFocus()}
      >
        {props.entry.organization_id}
      </A>
      <span class="act-detail clip">
        <Show when={detailOf(props.entry, (at) => standingTime(at, now(), zone()))}>
          {(detail) => <span title={detail()}>{detail()}</span>}
        </Show>
      </span>
    </div>
  );
}
