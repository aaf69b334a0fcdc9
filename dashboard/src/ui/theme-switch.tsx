import { For } from "solid-js";
import { Dynamic } from "solid-js/web";
import { setTheme, THEMES, theme } from "../lib/theme.ts";
import { Moon, Screen, Sun } from "./icons.tsx";

const LOOKS = {
  system: { icon: Screen, word: "As the system" },
  light: { icon: Sun, word: "Light" },
  dark: { icon: Moon, word: "Dark" },
};

export function ThemeSwitch() {
  return (
    <fieldset class="segments" data-kind="icons">
      <legend class="sr-only">Theme</legend>
      <For each={THEMES}>
        {(name) => (
          <label class="segment" title={LOOKS[name].word}>
            <input
              class="sr-only"
              type="radio"
              name="theme"
              value={name}
              checked={theme() === name}
              onChange={() => setTheme(name)}
            />
            <Dynamic component={LOOKS[name].icon} />
            <span class="sr-only">{LOOKS[name].word}</span>
          </label>
        )}
      </For>
    </fieldset>
  );
}
