import { createComputed, createRoot, createSignal, on, onCleanup } from "solid-js";
import { clockOffset, controllerNow } from "./controller-time.ts";

/** The controller's time as a signal: one clock for the whole page, stopped while the page is hidden. */
export const now = createRoot(() => {
  const [time, setTime] = createSignal(controllerNow());
  let timer: ReturnType<typeof setInterval> | undefined;
  const follow = () => {
    clearInterval(timer);
    if (document.hidden) return;
    setTime(controllerNow());
    timer = setInterval(() => setTime(controllerNow()), 1000);
  };
  createComputed(on(clockOffset, () => setTime(controllerNow()), { defer: true }));
  document.addEventListener("visibilitychange", follow);
  onCleanup(() => document.removeEventListener("visibilitychange", follow));
  follow();
  return time;
});
