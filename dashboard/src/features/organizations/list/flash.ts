import { type Accessor, createEffect, createSignal, on } from "solid-js";
import type { RowView } from "./row-view.ts";

/** Two alternating names, so that the animation restarts. */
export type Flash = "a" | "b" | undefined;

/** Highlights a row for a second when something other than "last seen" changes. */
export function useFlash(view: Accessor<RowView>): Accessor<Flash> {
  const [flash, setFlash] = createSignal<Flash>();
  const facts = () => {
    const { status, connected, orchestrators, health, config } = view();
    return [status, connected, orchestrators, health, config].join();
  };
  createEffect(
    on(facts, (now, before) => {
      if (before !== undefined && now !== before) setFlash((last) => (last === "a" ? "b" : "a"));
    }),
  );
  return flash;
}
