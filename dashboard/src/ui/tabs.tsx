import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { formatCount } from "../lib/numbers.ts";

export interface TabLink {
  href: string;
  title: string;
  count?: number | undefined;
}

/** Tabs that are places: links, so that each has an address, opens in a new window and is found with Tab. */
export function TabLinks(props: { label: string; tabs: readonly TabLink[] }) {
  return (
    <nav class="tabs" aria-label={props.label}>
      <For each={props.tabs}>
        {(tab) => (
          <A class="tab" href={tab.href} end>
            {tab.title}
            <Show when={tab.count}>{(count) => <span class="count">{formatCount(count())}</span>}</Show>
          </A>
        )}
      </For>
    </nav>
  );
}
