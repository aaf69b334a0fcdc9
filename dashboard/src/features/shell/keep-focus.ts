import { onCleanup } from "solid-js";

const FOCUSABLE = ":is(a[href], button, input, select, textarea, [tabindex]):not(:disabled)";

/**
 * What somebody presses by key may go with what it did, and the focus with it: then it goes to the next thing around the
 * place where that was. Who knows a better one is asked first. For the life of the owner.
 */
export function keepFocus(): void {
  const press = (event: MouseEvent) => {
    const pressed = document.activeElement;
    // By mouse nobody looks for the focus, and on a phone a field would open the keyboard.
    if (event.detail > 0 || !(pressed instanceof HTMLElement) || !pressed.closest("main")) return;
    const around = ancestorsOf(pressed);
    requestAnimationFrame(() => requestAnimationFrame(() => !pressed.isConnected && rescue(around)));
  };
  document.addEventListener("click", press, { capture: true });
  onCleanup(() => document.removeEventListener("click", press, { capture: true }));
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
