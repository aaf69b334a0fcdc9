import { A } from "@solidjs/router";
import { For } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { Status } from "../../lib/api.ts";
import { formatCount, formatPercent } from "../../lib/numbers.ts";
import { DiamondWithBrokenLink, DiscWithTick, Ring } from "../../ui/icons.tsx";
import { type FleetNumbers, listHref } from "./numbers.ts";

const PARTS: readonly { status: Status; word: string; icon: typeof Ring }[] = [
  { status: "active", word: "active", icon: DiscWithTick },
  { status: "inactive", word: "inactive", icon: Ring },
  { status: "independent", word: "independent", icon: DiamondWithBrokenLink },
];

/** The shares of the statuses, with the legend as text. */
export function StatusBar(props: { organizations: FleetNumbers["organizations"] }) {
  const share = (status: Status) =>
    props.organizations.total === 0 ? 0 : props.organizations[status] / props.organizations.total;
  return (
    <section class="panel status-bar" aria-labelledby="status-bar-title">
      <h2 id="status-bar-title" class="sr-only">
        Organizations by status
      </h2>
      {/* For the pointer only: the legend has the same links as text. */}
      <div class="status-parts" aria-hidden="true">
        <For each={PARTS.filter(({ status }) => props.organizations[status] > 0)}>
          {({ status, word }) => (
            <A
              class="status-part"
              data-status={status}
              href={listHref(["status", status])}
              tabindex="-1"
              title={`${formatCount(props.organizations[status])} ${word}`}
              style={{ "flex-grow": props.organizations[status] }}
            />
          )}
        </For>
      </div>
      <ul class="status-legend">
        <For each={PARTS}>
          {({ status, word, icon }) => (
            <li>
              <A class="status-word" data-status={status} href={listHref(["status", status])}>
                <Dynamic component={icon} />
                <strong class="number">{formatCount(props.organizations[status])}</strong> {word}
                <span class="muted number">{formatPercent(share(status))}</span>
              </A>
            </li>
          )}
        </For>
      </ul>
    </section>
  );
}
