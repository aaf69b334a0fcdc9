import { A } from "@solidjs/router";
import { useFleet } from "../../live/context.ts";
import { BrandMark, Door, KeyboardIcon, Pause, Person, Play, Search, SettingsIcon } from "../../ui/icons.tsx";
import { Keys } from "../../ui/keys.tsx";
import { LiveChip } from "../../ui/live-chip.tsx";
import { Menu } from "../../ui/menu.tsx";
import { ThemeSwitch } from "../../ui/theme-switch.tsx";
import { user } from "../session/session.ts";
import type { GlobalActions } from "./global-commands.ts";

export function TopBar(props: { actions: GlobalActions }) {
  return (
    <header class="topbar">
      <A class="brand" href="/">
        <BrandMark />
        <span>Moolai Controller</span>
      </A>
      <button class="finder" type="button" onClick={() => props.actions.openPalette()}>
        <Search />
        <span>Search or go to…</span>
        <Keys keys="mod+k" />
      </button>
      <div class="topbar-end">
        <LiveChip />
        <PauseButton />
        <ThemeSwitch />
        <Menu
          label={`Account of ${user()?.username}`}
          button={<Person />}
          items={[
            {
              label: "Settings",
              icon: SettingsIcon,
              href: "/settings",
              hint: `Logged in as ${user()?.username}, ${user()?.role}`,
            },
            { label: "Keyboard shortcuts", icon: KeyboardIcon, run: () => props.actions.openHelp() },
            { label: "Log out", icon: Door, run: () => props.actions.logOut(), isApart: true },
          ]}
        />
      </div>
    </header>
  );
}

/** Pauses everything that changes by itself (WCAG 2.2.2). */
function PauseButton() {
  const fleet = useFleet();
  const isPaused = () => fleet.connection().mode === "paused";
  const label = () => (isPaused() ? "Resume live updates" : "Pause live updates");
  return (
    <button
      class="icon-button"
      type="button"
      aria-label={label()}
      title={label()}
      onClick={() => fleet.setPaused(!isPaused())}
    >
      {isPaused() ? <Play /> : <Pause />}
    </button>
  );
}
