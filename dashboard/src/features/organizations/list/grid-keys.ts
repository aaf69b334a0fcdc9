import type { Cursor } from "./cursor.ts";

interface Geometry {
  /** How many positions an up or down arrow moves; several where cards are side by side. */
  step: () => number;
  page: () => number;
  total: () => number;
}

/** Arrows, Home, End and the page keys move the focused row, as in every grid. */
export function gridKeys(cursor: Cursor, geometry: Geometry): (event: KeyboardEvent) => void {
  const targetOf = (key: string): number | null => {
    const at = cursor.index();
    switch (key) {
      case "ArrowDown":
        return at + geometry.step();
      case "ArrowUp":
        return at - geometry.step();
      case "ArrowRight":
        return geometry.step() > 1 ? at + 1 : null;
      case "ArrowLeft":
        return geometry.step() > 1 ? at - 1 : null;
      case "PageDown":
        return at + geometry.page();
      case "PageUp":
        return at - geometry.page();
      case "Home":
        return 0;
      case "End":
        return geometry.total() - 1;
      default:
        return null;
    }
  };
  return (event) => {
    // Inside a control of the row, the keys belong to the control.
    const isRow = event.target instanceof HTMLElement && event.target.dataset.index !== undefined;
    if (!isRow || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = targetOf(event.key);
    if (target === null) return;
    event.preventDefault();
    if (target >= 0 && target < geometry.total()) cursor.moveTo(target);
    else if (event.key.startsWith("Page")) cursor.moveTo(target);
  };
}
