import type { JSX } from "solid-js";

/** 16 px, drawn with the colour of the text around it, never the only carrier of a meaning. */
function Icon(props: { children: JSX.Element; size?: number }) {
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

export function BrandMark() {
  return (
    <svg class="brand-mark" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
      <rect class="brand-ground" width="32" height="32" rx="8" />
      <path class="brand-line" d="M8 22V10l8 7 8-7v12" />
    </svg>
  );
}

export const Chevron = () => (
  <Icon>
    <path d="m6 3.5 4.5 4.5L6 12.5" />
  </Icon>
);

export const Search = () => (
  <Icon>
    <circle cx="7" cy="7" r="4.25" />
    <path d="m10.25 10.25 3.25 3.25" />
  </Icon>
);

export const Door = () => (
  <Icon>
    <path d="M9.5 2.5h-6v11h6M6.75 8h7m-2.5-2.75L14 8l-2.75 2.75" />
  </Icon>
);

export const Sun = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1.25m0 10.5v1.25M1.5 8h1.25m10.5 0h1.25M3.4 3.4l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9" />
  </Icon>
);

export const Moon = () => (
  <Icon>
    <path d="M13.25 9.75A5.75 5.75 0 0 1 6.25 2.75a5.75 5.75 0 1 0 7 7Z" />
  </Icon>
);

export const Screen = () => (
  <Icon>
    <rect x="1.75" y="2.75" width="12.5" height="8.5" rx="1.5" />
    <path d="M5.5 13.75h5" />
  </Icon>
);

// --- Status: the shape alone tells them apart ---

export const DiscWithTick = () => (
  <Icon size={14}>
    <circle cx="8" cy="8" r="6.5" fill="currentColor" />
    <path class="icon-cut" d="m5 8.25 2.1 2.1L11 6" />
  </Icon>
);

export const Ring = () => (
  <Icon size={14}>
    <circle cx="8" cy="8" r="5.5" stroke-width="2" />
  </Icon>
);

export const DiamondWithBrokenLink = () => (
  <Icon size={14}>
    <path d="M8 .9 15.1 8 8 15.1.9 8Z" />
    <path d="M4.9 8h1.6M9.5 8h1.6M8.6 5.9 7.4 10.1" />
  </Icon>
);

// --- Health ---

export const Tick = () => (
  <Icon size={14}>
    <path d="m3 8.5 3.25 3.25L13 4.75" stroke-width="1.75" />
  </Icon>
);

export const Triangle = () => (
  <Icon size={14}>
    <path d="M8 2 14.75 13.5H1.25Z" />
    <path d="M8 6.5v3m0 1.9v.01" />
  </Icon>
);

export const OctagonWithCross = () => (
  <Icon size={14}>
    <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3Z" fill="currentColor" />
    <path class="icon-cut" d="m5.75 5.75 4.5 4.5m0-4.5-4.5 4.5" />
  </Icon>
);

export const Dash = () => (
  <Icon size={14}>
    <path d="M4.5 8h7" />
  </Icon>
);

// --- Connection ---

export const Plug = () => (
  <Icon size={14}>
    <path d="M2 8h12M4.75 5.25 2 8l2.75 2.75m6.5-5.5L14 8l-2.75 2.75" />
  </Icon>
);

export const PlugOut = () => (
  <Icon size={14}>
    <path d="M2 8h2.75m6.5 0H14M6.5 5.5l-1 5m5-5-1 5" />
  </Icon>
);
