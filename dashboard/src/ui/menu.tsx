import { createSignal, lazy, Show, Suspense } from "solid-js";
import type { MenuProps } from "./menu-popup.tsx";

const load = () => import("./menu-popup.tsx");
const OpenedMenu = lazy(async () => ({ default: (await load()).OpenedMenu }));

/** A button with a menu. The menu is created on first use, so that each row of a long list can have one. */
export function Menu(props: MenuProps) {
  const [isUsed, setUsed] = createSignal(false);
  const openByArrow = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    setUsed(true);
  };
  const button = () => (
    <button
      class={props.buttonClass ?? "icon-button"}
      type="button"
      aria-haspopup="menu"
      aria-expanded="false"
      aria-label={props.label}
      title={props.label}
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setUsed(true)}
      onKeyDown={openByArrow}
    >
      {props.button}
    </button>
  );
  return (
    <Show when={isUsed()} fallback={button()}>
      <Suspense fallback={button()}>
        <OpenedMenu {...props} />
      </Suspense>
    </Show>
  );
}
