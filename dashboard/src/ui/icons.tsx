import type { JSX } from "solid-js";

/** 16 px, in the colour of the surrounding text, and never the only carrier of a meaning. */
function Icon(props: { children: JSX.Element; size?: number | undefined }) {
  return (
    <svg
      class="icon"
      width={props.size ?? 16}
      height={props.size ?? 16}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {props.children}
    </svg>
  );
}

/** An icon of a single path. Filled or cut out parts need their own elements. */
const icon =
  (d: string, options: { size?: number; strokeWidth?: number } = {}) =>
  () => (
    <Icon size={options.size}>
      <path d={d} stroke-width={options.strokeWidth} />
    </Icon>
  );

export function BrandMark() {
  return (
    <svg class="brand-mark" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="brand-ground" width="32" height="32" rx="8" />
      <path class="brand-line" d="M8 22V10l8 7 8-7v12" />
    </svg>
  );
}

export const Chevron = icon("m6 3.5 4.5 4.5L6 12.5");
export const Search = icon("M2.75 7a4.25 4.25 0 1 0 8.5 0 4.25 4.25 0 1 0-8.5 0ZM10.25 10.25l3.25 3.25");
export const Door = icon("M9.5 2.5h-6v11h6M6.75 8h7m-2.5-2.75L14 8l-2.75 2.75");
export const Sun = icon(
  "M5.25 8a2.75 2.75 0 1 0 5.5 0 2.75 2.75 0 1 0-5.5 0ZM8 1.5v1.25m0 10.5v1.25M1.5 8h1.25m10.5 0h1.25M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9",
);
export const Moon = icon("M13.25 9.75A5.75 5.75 0 0 1 6.25 2.75a5.75 5.75 0 1 0 7 7Z");
export const Screen = icon(
  "M3.25 2.75h9.5a1.5 1.5 0 0 1 1.5 1.5v5.5a1.5 1.5 0 0 1-1.5 1.5h-9.5a1.5 1.5 0 0 1-1.5-1.5v-5.5a1.5 1.5 0 0 1 1.5-1.5ZM5.5 13.75h5",
);
export const ChevronDown = icon("m3.5 6 4.5 4.5L12.5 6");
export const Cross = icon("m4 4 8 8m0-8-8 8");
export const Copy = icon("M5.75 5.75v-3h7.5v7.5h-3m-7.5-4.5h7.5v7.5h-7.5Z");
export const Plus = icon("M8 3v10M3 8h10");
export const Dots = icon("M3.5 8h.01M8 8h.01M12.5 8h.01", { strokeWidth: 2.25 });
export const Pause = icon("M5.5 3.5v9m5-9v9", { strokeWidth: 2 });
export const Play = icon("M5 3.25v9.5L12.75 8Z");
export const Refresh = icon("M13 8a5 5 0 1 1-1.6-3.65M13 2v3h-3");
export const Download = icon("M8 2.5v7.25M4.75 6.75 8 10l3.25-3.25M2.75 13.25h10.5");
export const Person = icon(
  "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8Zm-5.25 5.5c.5-2.5 2.6-3.75 5.25-3.75s4.75 1.25 5.25 3.75",
);
export const OverviewIcon = icon(
  "M2.5 2.5h4.75v5H2.5Zm6.25 0h4.75v3H8.75Zm0 4.75h4.75v6.25H8.75ZM2.5 9.25h4.75v4.25H2.5Z",
);
export const OrganizationsIcon = icon(
  "M2.5 13.5v-11h6v11m0-7h5v7M1.5 13.5h13M5 5.25h1M5 8h1m-1 2.75h1M11 9h.01M11 11.25h.01",
);
export const MessagesIcon = icon("M2.25 3h11.5v8.25H7.5L4.5 14v-2.75H2.25Z");
export const ActivityIcon = icon("M1.5 8h3l2-5 3 10 2-5h3");
export const LogsIcon = icon("M2.5 3.5h11m-11 3h8m-8 3h11m-11 3h6");
export const AuditIcon = icon(
  "M8 1.75 13.25 3.5v4c0 3.25-2.25 5.5-5.25 6.75C5 13 2.75 10.75 2.75 7.5v-4Zm-2.25 6 1.75 1.75L10.5 6.25",
);
export const CostsIcon = icon("M2.5 13.5v-5m3.75 5v-9m3.75 9v-6m3.5 6V2.5", { strokeWidth: 2 });
export const UsersIcon = icon(
  "M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5ZM1.75 13c.4-2.25 2-3.25 4.25-3.25S9.85 10.75 10.25 13M10.5 3.25a2.25 2.25 0 0 1 0 4.25m1.25 2.5c1.4.4 2.25 1.4 2.5 3",
);
export const KeyIcon = icon("M2.25 11a2.75 2.75 0 1 0 5.5 0 2.75 2.75 0 1 0-5.5 0ZM7 9l6.25-6.25M10.5 5.5l2 2");
export const SettingsIcon = icon(
  "M2 4.5h7m3 0h2M2 11.5h2m3 0h7M9 4.5a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0Zm-5 7a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0Z",
);
export const ApiIcon = icon("M5.5 4.5 2 8l3.5 3.5m5-7L14 8l-3.5 3.5M9 3 7 13");
export const KeyboardIcon = icon("M1.75 4h12.5v8H1.75ZM4 6.5h.01M6.67 6.5h.01M9.33 6.5h.01M12 6.5h.01M5 9.5h6");

// --- Status: distinguishable by shape alone ---
export const DiscWithTick = () => (
  <Icon size={14}>
    <circle cx="8" cy="8" r="6.5" fill="currentColor" />
    <path class="icon-cut" d="m5 8.25 2.1 2.1L11 6" />
  </Icon>
);
export const Ring = icon("M2.5 8a5.5 5.5 0 1 0 11 0 5.5 5.5 0 1 0-11 0Z", { size: 14, strokeWidth: 2 });
export const DiamondWithBrokenLink = icon("M8 .9 15.1 8 8 15.1.9 8ZM4.9 8h1.6M9.5 8h1.6M8.6 5.9 7.4 10.1", {
  size: 14,
});

// --- Health ---
export const Tick = icon("m3 8.5 3.25 3.25L13 4.75", { size: 14, strokeWidth: 1.75 });
export const Triangle = icon("M8 2 14.75 13.5H1.25ZM8 6.5v3m0 1.9v.01", { size: 14 });
export const OctagonWithCross = () => (
  <Icon size={14}>
    <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3Z" fill="currentColor" />
    <path class="icon-cut" d="m5.75 5.75 4.5 4.5m0-4.5-4.5 4.5" />
  </Icon>
);
export const Dash = icon("M4.5 8h7", { size: 14 });

// --- Connection ---
export const Plug = icon("M2 8h12M4.75 5.25 2 8l2.75 2.75m6.5-5.5L14 8l-2.75 2.75", { size: 14 });
export const PlugOut = icon("M2 8h2.75m6.5 0H14M6.5 5.5l-1 5m5-5-1 5", { size: 14 });

// --- Configuration state ---
export const Hourglass = icon("M4 2h8M4 14h8M5 2v2.5L8 8l3-3.5V2M5 14v-2.5L8 8l3 3.5V14", { size: 14 });
export const PaperPlane = icon("M14 2 1.75 6.75l4.5 2 2 4.5ZM14 2 6.25 8.75", { size: 14 });
export const HalfDisc = () => (
  <Icon size={14}>
    <circle cx="8" cy="8" r="6" />
    <path d="M8 2a6 6 0 0 1 0 12Z" fill="currentColor" />
  </Icon>
);
export const DoubleTick = icon("m1.5 8.5 3 3 6-7M7.5 11l.75.75L14.5 4.5", { size: 14, strokeWidth: 1.75 });
export const TriangleWithCross = () => (
  <Icon size={14}>
    <path d="M8 1.5 15 14H1Z" fill="currentColor" />
    <path class="icon-cut" d="m6.25 8 3.5 3.5m0-3.5-3.5 3.5" />
  </Icon>
);
export const NoEntry = icon("M2.25 8a5.75 5.75 0 1 0 11.5 0 5.75 5.75 0 1 0-11.5 0ZM5 8h6");
export const TwoMachines = icon(
  "M3.25 2.5h5.5a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-5.5a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1ZM12 5.5h1.75v8h-7.5v-2.25",
);
