import { A } from "@solidjs/router";
import type { JSX } from "solid-js";
import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import {
  ActivityIcon,
  Cross,
  DiamondWithBrokenLink,
  DoubleTick,
  HalfDisc,
  MessagesIcon,
  Plug,
  PlugOut,
  Plus,
  Tick,
  Triangle,
} from "../../ui/icons.tsx";
import { Moment } from "../../ui/moment.tsx";
import { ACTIVITY_WORDS, type ActivityEntry, type ActivityType } from "./filter.ts";

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

export function ActivityRow(props: { entry: ActivityEntry; isCurrent: boolean; onFocus: () => void }) {
  return (
    <div class="act-row" data-type={props.entry.type} data-current={props.isCurrent} data-id={props.entry.id}>
      <Moment at={props.entry.at} isPlain />
      <span class="mark act-type">
        <Dynamic component={ICONS[props.entry.type]} />
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
        <Show when={props.entry.detail}>{(detail) => <span title={detail()}>{detail()}</span>}</Show>
      </span>
    </div>
  );
}
