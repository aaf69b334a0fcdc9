import { type Accessor, createEffect, createSignal, on } from "solid-js";
import type { RowView } from "./row-view.ts";

/** Lights up for a second when something other than the time of the last sign has changed. */
export function useFlash(view: Accessor<RowView>): Accessor<"a" | "b" | undefined> {
  const [flash, setFlash] = createSignal<"a" | "b">();
  const facts = () => {
    const { status, connected, orchestrators, health, config } = view();
    return [status, connected, orchestrators, health, config].join();
  };
  createEffect(
    on(facts, (now, before) => {
      // Two names in turn, so that the animation begins anew.
      if (before !== undefined && now !== before) setFlash((last) => (last === "a" ? "b" : "a"));
    }),
  );
  return flash;
}
