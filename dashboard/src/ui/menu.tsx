import { createSignal, type JSX, lazy, Show, Suspense } from "solid-js";

export interface MenuItem {
  label: string;
  icon?: () => JSX.Element;
  /** A link; otherwise `run`. */
  href?: string;
  run?: () => void;
  isDisabled?: boolean;
  /** Why it is disabled, or what it does. */
  hint?: string;
  tone?: "danger";
  /** Drawn with a line above. */
  isApart?: boolean;
}

export interface MenuProps {
  /** The name of the button, when it shows an icon alone. */
  label?: string;
  /** What the button shows. */
  button: JSX.Element;
  buttonClass?: string;
  items: readonly MenuItem[];
}

const load = () => import("./menu-popup.tsx");
const OpenedMenu = lazy(async () => ({ default: (await load()).OpenedMenu }));

/** A button with a menu. Until it is first used it is only a button: rows of a long list can afford one each. */
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
