import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { useNavigate } from "@solidjs/router";
import { For, type JSX, onMount, Show } from "solid-js";

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

/** The menu itself, open from the start: it is loaded when somebody first asks for it. */
export function OpenedMenu(props: MenuProps) {
  const navigate = useNavigate();
  let trigger: HTMLButtonElement | undefined;
  onMount(() => trigger?.focus());

  // In a landmark, and in the dialog if there is one: what lies outside of it is out of reach.
  const place = () => trigger?.closest("dialog") ?? document.querySelector("main") ?? document.body;
  // A moment later: the key that chose it would also press the first button of a dialog that opens by it. From the
  // button, which is where that dialog gives the focus back to.
  const select = (item: MenuItem) =>
    setTimeout(() => {
      trigger?.focus();
      if (item.href) navigate(item.href);
      item.run?.();
    });

  return (
    <DropdownMenu defaultOpen modal={false} gutter={4} placement="bottom-end">
      <DropdownMenu.Trigger
        ref={(element: HTMLButtonElement) => {
          trigger = element;
        }}
        class={props.buttonClass ?? "icon-button"}
        aria-label={props.label}
        title={props.label}
      >
        {props.button}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal mount={place()}>
        <DropdownMenu.Content class="menu">
          <For each={props.items}>
            {(item) => (
              <>
                <Show when={item.isApart}>
                  <DropdownMenu.Separator class="menu-line" />
                </Show>
                <DropdownMenu.Item
                  class="menu-item"
                  data-tone={item.tone}
                  disabled={item.isDisabled ?? false}
                  onSelect={() => select(item)}
                >
                  {item.icon?.()}
                  <span>
                    {item.label}
                    <Show when={item.hint}>
                      <span class="hint">{item.hint}</span>
                    </Show>
                  </span>
                </DropdownMenu.Item>
              </>
            )}
          </For>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu>
  );
}
