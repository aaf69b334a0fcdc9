import { Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { Health } from "../lib/api.ts";
import { Dash, OctagonWithCross, Plug, PlugOut, Tick, Triangle } from "./icons.tsx";

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

export function ConnectionMark(props: { isConnected: boolean }) {
  return (
    <span class="mark" data-connected={props.isConnected}>
      <Dynamic component={props.isConnected ? Plug : PlugOut} />
      {props.isConnected ? "Connected" : "Disconnected"}
    </span>
  );
}
