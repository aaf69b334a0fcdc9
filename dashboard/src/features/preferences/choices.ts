import type { Preferences } from "../../lib/preferences.ts";

type Choices<K extends keyof Preferences> = readonly { value: Preferences[K]; label: string }[];

export const DENSITY_CHOICES: Choices<"density"> = [
  { value: "compact", label: "Compact" },
  { value: "default", label: "Default" },
  { value: "roomy", label: "Roomy" },
];

export const TIME_CHOICES: Choices<"time"> = [
  { value: "relative", label: "Relative" },
  { value: "local", label: "Local" },
  { value: "utc", label: "UTC" },
];
