import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { Dots } from "../../ui/icons.tsx";
import { Menu } from "../../ui/menu.tsx";
import { usePendingMessages } from "../notifications/attention.ts";
import { BAR_PLACES, PLACES, type Place } from "./navigation.ts";

/** The main navigation: a rail at the side, or a bar at the bottom of a narrow screen. */
export function Rail() {
  const pending = usePendingMessages();
  const more = () => PLACES.slice(BAR_PLACES).map((place) => toItem(place));
  return (
    <nav class="rail" aria-label="Main">
      <ul>
        <For each={PLACES}>
          {(place, index) => (
            <li classList={{ "rail-rest": index() >= BAR_PLACES }}>
              <PlaceLink place={place} count={place.href === "/messages" ? pending() : 0} />
            </li>
          )}
        </For>
        <li class="rail-more">
          <Menu
            button={
              <>
                <Dots />
                <span>More</span>
              </>
            }
            buttonClass="rail-link"
            items={more()}
          />
        </li>
      </ul>
    </nav>
  );
}

function PlaceLink(props: { place: Place; count: number }) {
  const inside = () => (
    <>
      {props.place.icon()}
      <span>{props.place.title}</span>
      <Show when={props.count > 0}>
        <span class="count">
          {props.count > 999 ? "999+" : props.count}
          <span class="sr-only"> pending</span>
        </span>
      </Show>
    </>
  );
  return (
    <Show
      when={!props.place.isExternal}
      fallback={
        <a class="rail-link" href={props.place.href} rel="external">
          {inside()}
        </a>
      }
    >
      <A class="rail-link" href={props.place.href} end={props.place.href === "/"}>
        {inside()}
      </A>
    </Show>
  );
}

function toItem({ title, icon, href, isExternal }: Place) {
  return isExternal ? { label: title, icon, run: () => location.assign(href) } : { label: title, icon, href };
}
