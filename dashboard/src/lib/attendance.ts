/** After this time without interaction, the page's own requests must not keep the session of an absent user alive. */
const ATTENDED_MS = 60_000;
/** How often to renew the session of a user who only reads and scrolls, which causes no requests. */
const RENEW_MS = 5 * 60_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

let touchedAt = Date.now();
let usedAt = Date.now();

/** Whether the user is present, so that requests count as use of the session. */
export function countsAsUse(): boolean {
  const now = Date.now();
  const isAttended = now - touchedAt < ATTENDED_MS;
  if (isAttended) usedAt = now;
  return isAttended;
}

/** Watches for interaction, and calls `renew` when there is some and no recent request. */
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
