/** A row exists only after a virtual list has scrolled to it, or after a hidden list is visible again. */
const MAX_FRAMES = 12;

/** Moves the focus to an element as soon as it is on the page and can take it. */
export function focusWhenDrawn(find: () => HTMLElement | null | undefined, frames = MAX_FRAMES): void {
  const element = find();
  element?.focus({ preventScroll: true });
  if (element && document.activeElement === element) return;
  if (frames > 0) requestAnimationFrame(() => focusWhenDrawn(find, frames - 1));
}

/** After what had the focus has disappeared: `move` puts it somewhere else, unless something has it by then. */
export function rescueFocus(move: () => void): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body || document.activeElement === null) move();
  });
}
