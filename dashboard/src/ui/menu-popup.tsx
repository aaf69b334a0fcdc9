import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { useNavigate } from "@solidjs/router";
import { For, type JSX, onMount, Show } from "solid-js";

export interface MenuItem {
  label: string;
  icon?: () => JSX.Element;
  /** Makes the item a link; otherwise it calls `run`. */
  href?: string;
  run?: () => void;
  isDisabled?: boolean;
  /** Why the item is disabled, or what it does. */
  hint?: string;
  tone?: "danger";
  /** Draws a separator above. */
  isApart?: boolean;
}

export interface MenuProps {
  /** The accessible name of a button that shows only an icon. */
  label?: string;
  /** What the button shows. */
  button: JSX.Element;
  buttonClass?: string;
  items: readonly MenuItem[];
}

/** The menu itself, initially open; it is loaded on first use. */
export function OpenedMenu(props: MenuProps) {
  const navigate = useNavigate();
  let trigger: HTMLButtonElement | undefined;
  onMount(() => trigger?.focus());

  // Inside a landmark, and inside the open dialog if there is one, because everything outside it is inert.
  const place = () => trigger?.closest("dialog") ?? document.querySelector("main") ?? document.body;
  // Deferred, because the same key press would also activate the first button of a dialog that the item opens. The
  // focus is on the menu button, where that dialog restores it.
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
