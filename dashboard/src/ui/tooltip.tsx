import { createSignal, createUniqueId, type JSX, onCleanup, Show } from "solid-js";

/** Attributes for the element with the tooltip: `<button {...target}>`. */
export interface TooltipTarget {
  "aria-describedby": string;
  ref: (element: HTMLElement) => void;
}

interface TooltipProps {
  text: string;
  children: (target: TooltipTarget) => JSX.Element;
}

const DELAY_MS = 250;
const GAP_PX = 6;

/** A description on hover and focus: hoverable, and Escape dismisses it (WCAG 1.4.13). */
export function Tooltip(props: TooltipProps) {
  const id = createUniqueId();
  const [isOpen, setOpen] = createSignal(false);
  let target: HTMLElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const openSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => setOpen(true), DELAY_MS);
  };
  const closeSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => setOpen(false), 100);
  };
  const close = () => {
    clearTimeout(timer);
    setOpen(false);
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen()) return;
    event.stopPropagation();
    close();
  };
  const attach = (element: HTMLElement) => {
    target = element;
    element.addEventListener("pointerenter", openSoon);
    element.addEventListener("pointerleave", closeSoon);
    element.addEventListener("focus", () => element.matches(":focus-visible") && openSoon());
    element.addEventListener("blur", close);
    element.addEventListener("keydown", leave);
  };
  onCleanup(() => clearTimeout(timer));

  const place = (tip: HTMLElement) =>
    queueMicrotask(() => {
      if (!target || !tip.isConnected) return;
      // The top layer keeps tables from clipping it.
      tip.showPopover();
      const around = target.getBoundingClientRect();
      const own = tip.getBoundingClientRect();
      const isAbove = around.top - own.height - GAP_PX >= 0;
      const left = Math.min(Math.max(8, around.left), innerWidth - own.width - 8);
      tip.style.left = `${Math.max(8, left)}px`;
      tip.style.top = `${isAbove ? around.top - own.height - GAP_PX : around.bottom + GAP_PX}px`;
    });

  return (
    <>
      {props.children({ "aria-describedby": id, ref: attach })}
      <Show when={isOpen()} fallback={<span id={id} hidden textContent={props.text} />}>
        <span
          id={id}
          ref={place}
          class="tooltip"
          role="tooltip"
          popover="manual"
          onPointerEnter={() => clearTimeout(timer)}
          onPointerLeave={closeSoon}
        >
          {props.text}
        </span>
      </Show>
    </>
  );
}
