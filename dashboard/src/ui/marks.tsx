import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import { nameInText } from "../../../common/text.ts";
import type { ConfigState, Health } from "../lib/api.ts";
import {
  Dash,
  DoubleTick,
  HalfDisc,
  Hourglass,
  OctagonWithCross,
  PaperPlane,
  Plug,
  PlugOut,
  Ring,
  Tick,
  Triangle,
  TriangleWithCross,
} from "./icons.tsx";

const HEALTH = {
  healthy: { icon: Tick, word: "Healthy" },
  degraded: { icon: Triangle, word: "Degraded" },
  unhealthy: { icon: OctagonWithCross, word: "Unhealthy" },
  unknown: { icon: Dash, word: "Unknown" },
};

export function HealthMark(props: { health: Health | null }) {
  return (
    <Show when={props.health} fallback={<span class="mark">–</span>}>
      {(health) => (
        <span class="mark" data-health={health()}>
          <Dynamic component={HEALTH[health()].icon} />
          {HEALTH[health()].word}
        </span>
      )}
    </Show>
  );
}

export function ConnectionMark(props: {
  isConnected: boolean;
  isSilent?: boolean | undefined;
  isContested?: boolean | undefined;
}) {
  const isSilent = () => props.isConnected && props.isSilent === true;
  const isContested = () => props.isConnected && props.isContested === true;
  return (
    <span
      class="mark"
      data-connected={props.isConnected && !isSilent() && !isContested()}
      title={isSilent() ? "The connection is open, but heartbeats have stopped" : undefined}
    >
      <Dynamic component={props.isConnected ? Plug : PlugOut} />
      {isContested()
        ? "Connected, duplicate ID"
        : isSilent()
          ? "Connected, no heartbeat"
          : props.isConnected
            ? "Connected"
            : "Disconnected"}
    </span>
  );
}

const CONFIG = {
  none: { icon: Dash, word: "No config", hint: "No configuration has been published" },
  queued: { icon: Hourglass, word: "Queued", hint: "Will be sent when the orchestrator connects and is managed" },
  sent: { icon: PaperPlane, word: "Sent", hint: "Sent, not confirmed. Older clients never confirm." },
  applying: { icon: HalfDisc, word: "Applying", hint: "The orchestrator is applying the configuration" },
  applied: { icon: DoubleTick, word: "Applied", hint: "Confirmed in the current connection" },
  unconfirmed: {
    icon: Ring,
    word: "Unconfirmed",
    hint: "Confirmed in an earlier connection, but not since",
  },
  drifted: { icon: Triangle, word: "Drifted", hint: "The orchestrator reports a different configuration" },
  failed: { icon: TriangleWithCross, word: "Failed", hint: "The orchestrator could not apply the configuration" },
};

/** The state of the published configuration at one orchestrator. */
export function ConfigMark(props: { state: ConfigState | null; error?: string | null | undefined }) {
  return (
    <Show when={props.state} fallback={<span class="mark">–</span>}>
      {(state) => (
        <span class="mark" data-config={state()} title={nameInText(props.error) || CONFIG[state()].hint}>
          <Dynamic component={CONFIG[state()].icon} />
          {CONFIG[state()].word}
        </span>
      )}
    </Show>
  );
}
