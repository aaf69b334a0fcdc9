import { onCleanup } from "solid-js";

const FOCUSABLE = ":is(a[href], button, input, select, textarea, [tabindex]):not(:disabled)";

/**
 * What somebody presses by key may go with what it did, and the focus with it: then it goes to the next thing around the
 * place where that was. Who knows a better one is asked first. For the life of the owner.
 */
export function keepFocus(): void {
  let rest = () => {};
  const press = (event: MouseEvent) => {
    rest();
    const pressed = document.activeElement;
    // By mouse nobody looks for the focus, and on a phone a field would open the keyboard.
    if (event.detail > 0 || !(pressed instanceof HTMLElement) || !pressed.closest("main")) return;
    rest = watch(pressed);
  };
  document.addEventListener("click", press, { capture: true });
  onCleanup(() => {
    rest();
    document.removeEventListener("click", press, { capture: true });
  });
}

/** However long it takes until the pressed one goes: an answer may have to come first. Ends when the focus is elsewhere. */
function watch(pressed: HTMLElement): () => void {
  const around = ancestorsOf(pressed);
  const { pathname } = location;
  const observer = new MutationObserver(() => {
    const { activeElement: focused, body } = document;
    if (pressed.isConnected && (focused === pressed || focused === body)) return;
    observer.disconnect();
    // On another page its heading gets the focus.
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
