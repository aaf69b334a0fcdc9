import { createRoot, createSignal, onCleanup } from "solid-js";

/** One clock for the whole page, at rest while nobody looks. */
export const now = createRoot(() => {
  const [time, setTime] = createSignal(Date.now());
  let timer: ReturnType<typeof setInterval> | undefined;
  const follow = () => {
    clearInterval(timer);
    if (document.hidden) return;
    setTime(Date.now());
    timer = setInterval(() => setTime(Date.now()), 1000);
  };
  document.addEventListener("visibilitychange", follow);
  onCleanup(() => document.removeEventListener("visibilitychange", follow));
  follow();
  return time;
});
