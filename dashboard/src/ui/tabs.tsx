import { A, useLocation } from "@solidjs/router";
import { createEffect, For, on, onCleanup, onMount, Show } from "solid-js";
import { formatCount } from "../lib/numbers.ts";

export interface TabLink {
  href: string;
  title: string;
  count?: number | undefined;
}

/** Tabs as links: each has an address, opens in a new window and is a tab stop. */
export function TabLinks(props: { label: string; tabs: readonly TabLink[] }) {
  const location = useLocation();
  let nav: HTMLElement | undefined;
  // On a narrow screen some tabs are out of view; the current one must be visible, also after a rotation.
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
