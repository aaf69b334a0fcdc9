import { createSignal } from "solid-js";

/** The minimum time between two polite announcements. */
const PAUSE_MS = 10_000;

const [announcement, setAnnouncement] = createSignal("");
let lastAt = Number.NEGATIVE_INFINITY;
let waiting: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The text of the one polite live region, which the shell renders. */
export { announcement };

/** Announces a sentence to screen readers: the newest one at most every 10 s, an urgent one at once. */
export function announce(text: string, options: { isUrgent?: boolean } = {}): void {
  const wait = lastAt + PAUSE_MS - Date.now();
  if (options.isUrgent || wait <= 0) {
    say(text);
    return;
  }
  waiting = text;
  timer ??= setTimeout(() => say(waiting ?? ""), wait);
}

function say(text: string): void {
  clearTimeout(timer);
  timer = undefined;
  waiting = null;
  lastAt = Date.now();
  // A repeated sentence is announced only if the text differs.
  setAnnouncement((old) => (old === text ? `${text}\u00a0` : text));
}
