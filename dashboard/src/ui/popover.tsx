import { createSignal, createUniqueId, type JSX, Show } from "solid-js";
import { ChevronDown } from "./icons.tsx";

interface PopoverProps {
  /** The accessible name of the popover. */
  label: string;
  /** The content of the button. */
  button: JSX.Element;
  isOn?: boolean;
  children: JSX.Element;
}

const GAP_PX = 4;

/** A button with a native popover, which closes by Escape and by a press outside. */
export function Popover(props: PopoverProps) {
  const id = createUniqueId();
  const [isOpen, setOpen] = createSignal(false);
  let button: HTMLButtonElement | undefined;
  let panel: HTMLDivElement | undefined;

  // A first position before the popover is visible; its size is known only afterwards.
  const prepare = (event: ToggleEvent) => {
    if (event.newState !== "open" || !button || !panel) return;
    setOpen(true);
    const { left, bottom } = button.getBoundingClientRect();
    panel.style.left = `${left}px`;
    panel.style.top = `${bottom + GAP_PX}px`;
  };
  const settle = (event: ToggleEvent) => {
    setOpen(event.newState === "open");
    if (!isOpen() || !button || !panel) return;
    const around = button.getBoundingClientRect();
    const { width, height } = panel.getBoundingClientRect();
    const isBelow = around.bottom + GAP_PX + height <= innerHeight || around.top < height;
    panel.style.left = `${Math.max(8, Math.min(around.left, innerWidth - width - 8))}px`;
    panel.style.top = `${isBelow ? around.bottom + GAP_PX : around.top - GAP_PX - height}px`;
    panel.querySelector<HTMLElement>("input, button, select")?.focus({ preventScroll: true });
  };

  return (
    <>
      <button
        ref={button}
        class="button popover-button"
        type="button"
        aria-expanded={isOpen()}
        data-on={props.isOn}
        popovertarget={id}
      >
        {props.button}
        <ChevronDown />
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset does not support this layout as a popover. */}
      <div
        ref={panel}
        id={id}
        class="popover"
        popover="auto"
        role="group"
        aria-label={props.label}
        on:beforetoggle={prepare}
        on:toggle={settle}
      >
        <Show when={isOpen()}>{props.children}</Show>
      </div>
    </>
  );
}

/** Whether a popover is open, which then handles Escape. */
export function isPopoverOpen(): boolean {
  return document.querySelector(".popover:popover-open") !== null;
}
