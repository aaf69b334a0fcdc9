import { Dynamic } from "solid-js/web";
import type { Status } from "../lib/api.ts";
import { DiamondWithBrokenLink, DiscWithTick, Ring } from "./icons.tsx";

const LOOKS = {
  active: { icon: DiscWithTick, word: "Active" },
  inactive: { icon: Ring, word: "Inactive" },
  independent: { icon: DiamondWithBrokenLink, word: "Independent" },
};

/** The status by colour, shape and word. */
export function StatusBadge(props: { status: Status }) {
  return (
    <span class="badge" data-status={props.status}>
      <Dynamic component={LOOKS[props.status].icon} />
      {LOOKS[props.status].word}
    </span>
  );
}
