import { useNavigate } from "@solidjs/router";
import { useCommands } from "../../lib/commands.ts";
import { preferences, setPreference, THEMES } from "../../lib/preferences.ts";
import { useFleet } from "../../live/context.ts";
import { PLACES } from "./navigation.ts";

const THEME_WORDS = { system: "system theme", light: "light theme", dark: "dark theme" };

export interface GlobalActions {
  openPalette(): void;
  openHelp(): void;
  logOut(): void;
}

/** Commands that are available on every page. */
export function useGlobalCommands(actions: GlobalActions): void {
  const navigate = useNavigate();
  const fleet = useFleet();
  useCommands(() => [
    {
      id: "palette",
      title: "Search and commands",
      group: "General",
      keys: "mod+k",
      run: actions.openPalette,
      isHidden: true,
    },
    { id: "help", title: "Keyboard shortcuts", group: "General", keys: "?", run: actions.openHelp },
    {
      id: "pause",
      title: preferences.isLive ? "Pause live updates" : "Resume live updates",
      group: "General",
      run: () => fleet.setPaused(preferences.isLive),
    },
    ...THEMES.filter((theme) => theme !== preferences.theme).map((theme) => ({
      id: `theme:${theme}`,
      title: `Use ${THEME_WORDS[theme]}`,
      group: "General",
      run: () => setPreference("theme", theme),
    })),
    { id: "log-out", title: "Log out", group: "General", run: actions.logOut },
    ...PLACES.map((place) => ({
      id: `go:${place.href}`,
      title: `Go to ${place.title}`,
      group: "Pages",
      ...(place.keys && { keys: place.keys }),
      run: () => (place.isExternal ? location.assign(place.href) : navigate(place.href)),
    })),
  ]);
}
