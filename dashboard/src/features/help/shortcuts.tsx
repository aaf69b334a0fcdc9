import { For } from "solid-js";
import type { Command } from "../../lib/commands.ts";
import { preferences, setPreference } from "../../lib/preferences.ts";
import { Keys } from "../../ui/keys.tsx";
import { Switch } from "../../ui/switch.tsx";
import "./help.css";

/** The shortcuts of the current page. */
export function ShortcutList(props: { commands: readonly Command[] }) {
  const groups = () => [
    ...Map.groupBy(
      props.commands.filter((command) => command.keys),
      (command) => command.group,
    ),
  ];
  return (
    <div class="shortcuts">
      <For each={groups()}>
        {([group, members]) => (
          <section aria-label={group}>
            <h3>{group}</h3>
            <dl>
              <For each={members}>
                {(command) => (
                  <div>
                    <dt>{command.title}</dt>
                    <dd>{command.keys && <Keys keys={command.keys} />}</dd>
                  </div>
                )}
              </For>
            </dl>
          </section>
        )}
      </For>
    </div>
  );
}

export function ShortcutSwitch() {
  return (
    <Switch
      label="Single-key shortcuts"
      isOn={preferences.areShortcutsOn}
      onChange={(isOn) => setPreference("areShortcutsOn", isOn)}
      hint="When off, only shortcuts with Ctrl or Command work. Useful with speech input or accidental key presses."
    />
  );
}
