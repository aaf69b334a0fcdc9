/** Untouched for so long, what the page asks is its own doing: it must not keep the session of somebody who has left. */
const ATTENDED_MS = 60_000;
/** Who only looks and scrolls asks nothing: then a question of its own keeps the session, as often as this. */
const RENEW_MS = 5 * 60_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

let touchedAt = Date.now();
let usedAt = Date.now();

/** Whether somebody is there, so that what is asked now counts as use of the session. */
export function countsAsUse(): boolean {
  const now = Date.now();
  const isAttended = now - touchedAt < ATTENDED_MS;
  if (isAttended) usedAt = now;
  return isAttended;
}

/** Follows whether somebody touches the page, and calls `renew` when they do and nothing was asked for long. */
export function followAttention(page: EventTarget, renew: () => void): () => void {
  const touch = () => {
    touchedAt = Date.now();
    if (touchedAt - usedAt < RENEW_MS) return;
    usedAt = touchedAt;
    renew();
  };
  touch();
  for (const type of TOUCHES) page.addEventListener(type, touch, { capture: true, passive: true });
  return () => {
    for (const type of TOUCHES) page.removeEventListener(type, touch, { capture: true });
  };
}
