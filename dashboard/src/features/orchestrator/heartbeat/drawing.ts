import type { BeatMinute, MinuteKind } from "./minutes.ts";

export interface Sheet {
  /** The width of one minute, with gap. */
  pitch: number;
  /** The gap at the right of each minute. */
  gap: number;
  height: number;
}

/** The height distinguishes the kinds without colour; a missed minute is also narrow. */
const SHARE = { "on-time": 1, late: 0.6, missed: 0.25 } as const;
const DOT = 2;

export interface Drawing {
  /** Filled shapes by kind. */
  filled: Partial<Record<MinuteKind, string>>;
  /** Diagonal lines for minutes that were not recorded. */
  hatched: string;
}

/** One path per kind, so that 60 minutes need at most five elements. */
export function drawMinutes(minutes: readonly BeatMinute[], { pitch, gap, height }: Sheet): Drawing {
  const filled: Partial<Record<MinuteKind, string>> = {};
  let hatched = "";
  for (const [index, { kind }] of minutes.entries()) {
    const x = index * pitch;
    const width = pitch - gap;
    if (kind === "not-recorded") {
      // Two lines if there is room, so that it looks hatched.
      hatched += `M${x} ${height}L${x + width} 0`;
      if (pitch > 4) hatched += `M${x + pitch / 2} ${height}L${x + pitch / 2 + width} 0`;
    } else if (kind === "none") {
      filled.none =
        (filled.none ?? "") + box(x + Math.floor((width - DOT) / 2), height - DOT, Math.min(DOT, width / 2), DOT);
    } else {
      const tall = SHARE[kind] * height;
      // On whole pixels; otherwise antialiasing would blur a single bar into its neighbours.
      const inset = kind === "missed" ? Math.floor(width / 4) : 0;
      const wide = kind === "missed" ? width / 2 : width;
      filled[kind] = (filled[kind] ?? "") + box(x + inset, height - tall, wide, tall);
    }
  }
  return { filled, hatched };
}

function box(x: number, y: number, width: number, height: number): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
