import { Show } from "solid-js";
import { Plug } from "../../ui/icons.tsx";

const WORDS = {
  valid: "Valid",
  used: "Used up",
  expired: "Expired",
  revoked: "Revoked",
  maker_ended: "Creator lost access",
};

export function TokenState(props: { state: keyof typeof WORDS; isConnected?: boolean }) {
  return (
    <span class="token-state" data-state={props.state}>
      {WORDS[props.state]}
      <Show when={props.isConnected}>
        <span class="mark" data-connected="true">
          <Plug />
          in use
        </span>
      </Show>
    </span>
  );
}
