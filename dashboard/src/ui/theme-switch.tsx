import { preferences, setPreference } from "../lib/preferences.ts";
import { Moon, Screen, Sun } from "./icons.tsx";
import { Segments } from "./segments.tsx";

const OPTIONS = [
  { value: "system", label: "System", icon: Screen },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

export function ThemeSwitch(props: { isCompact?: boolean }) {
  return (
    <Segments
      label="Theme"
      options={OPTIONS}
      value={preferences.theme}
      onChange={(theme) => setPreference("theme", theme)}
      isCompact={props.isCompact ?? true}
    />
  );
}
