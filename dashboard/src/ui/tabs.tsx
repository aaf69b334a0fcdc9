import { A, useLocation } from "@solidjs/router";
import { createEffect, For, on, onCleanup, onMount, Show } from "solid-js";
import { formatCount } from "../lib/numbers.ts";

export interface TabLink {
  href: string;
  title: string;
  count?: number | undefined;
}

/** Tabs that are places: links, so that each has an address, opens in a new window and is found with Tab. */
export function TabLinks(props: { label: string; tabs: readonly TabLink[] }) {
  const location = useLocation();
  let nav: HTMLElement | undefined;
  // On a narrow screen not all of them are in sight; the one that is shown has to be, also when the screen is turned.
  const center = () => {
    const current = nav?.querySelector<HTMLElement>("[aria-current=page]");
    if (nav && current)
      nav.scrollLeft = current.offsetLeft - nav.offsetLeft - (nav.clientWidth - current.offsetWidth) / 2;
  };
  createEffect(
    on(
      () => location.pathname,
      () => requestAnimationFrame(center),
    ),
  );
  onMount(() => {
    const observer = new ResizeObserver(center);
    if (nav) observer.observe(nav);
    onCleanup(() => observer.disconnect());
  });
  return (
    <nav ref={nav} class="tabs" aria-label={props.label}>
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
