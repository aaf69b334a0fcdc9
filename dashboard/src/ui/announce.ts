import { createSignal } from "solid-js";

/** Whoever listens should not be talked to all the time. */
const PAUSE_MS = 10_000;

const [announcement, setAnnouncement] = createSignal("");
let lastAt = Number.NEGATIVE_INFINITY;
let waiting: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** What the one polite live region says; the shell renders it. */
export { announcement };

/** Says a sentence to who cannot see the page: at most one in 10 s, the newest; an urgent one at once. */
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
  // The same sentence again is a change only when something between the two differs.
  setAnnouncement((old) => (old === text ? `${text}\u00a0` : text));
}
