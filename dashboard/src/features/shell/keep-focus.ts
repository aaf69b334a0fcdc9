import { onCleanup } from "solid-js";

const FOCUSABLE = ":is(a[href], button, input, select, textarea, [tabindex]):not(:disabled)";

/**
 * A button that is activated by key may disappear with its effect, and the focus with it. The focus then moves to the
 * nearest element, unless other code has already moved it. For the life of the owner.
 */
export function keepFocus(): void {
  let rest = () => {};
  const press = (event: MouseEvent) => {
    rest();
    const pressed = document.activeElement;
    // Not for the mouse, and on a phone focusing a field would open the keyboard.
    if (event.detail > 0 || !(pressed instanceof HTMLElement) || !pressed.closest("main")) return;
    rest = watch(pressed);
  };
  document.addEventListener("click", press, { capture: true });
  onCleanup(() => {
    rest();
    document.removeEventListener("click", press, { capture: true });
  });
}

/** Watches until the pressed element disappears, which may take until a response arrives. Stops when the focus moves. */
function watch(pressed: HTMLElement): () => void {
  const around = ancestorsOf(pressed);
  const { pathname } = location;
  const observer = new MutationObserver(() => {
    const { activeElement: focused, body } = document;
    if (pressed.isConnected && (focused === pressed || focused === body)) return;
    observer.disconnect();
    // After navigation the heading of the new page gets the focus.
    requestAnimationFrame(() => requestAnimationFrame(() => location.pathname === pathname && rescue(around)));
  });
  observer.observe(document.body, { childList: true, subtree: true });
  return () => observer.disconnect();
}

function ancestorsOf(element: HTMLElement): HTMLElement[] {
  const parent = element.parentElement;
  return parent ? [parent, ...ancestorsOf(parent)] : [];
}

function rescue(around: readonly HTMLElement[]): void {
  for (const place of around) {
    if (document.activeElement !== document.body) return;
    if (place.isConnected) place.querySelector<HTMLElement>(FOCUSABLE)?.focus();
  }
}
