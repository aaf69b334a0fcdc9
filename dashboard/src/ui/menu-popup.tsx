import { DropdownMenu } from "@kobalte/core/dropdown-menu";
import { useNavigate } from "@solidjs/router";
import { For, onMount, Show } from "solid-js";
import type { MenuItem, MenuProps } from "./menu.tsx";

/** The menu itself, open from the start: it is loaded when somebody first asks for it. */
export function OpenedMenu(props: MenuProps) {
  const navigate = useNavigate();
  let trigger: HTMLButtonElement | undefined;
  onMount(() => trigger?.focus());

  const select = (item: MenuItem) => {
    if (item.href) navigate(item.href);
    item.run?.();
  };

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
      <DropdownMenu.Portal>
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
                    <DropdownMenu.ItemLabel>{item.label}</DropdownMenu.ItemLabel>
                    <Show when={item.hint}>
                      <DropdownMenu.ItemDescription class="hint">{item.hint}</DropdownMenu.ItemDescription>
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
