/** The number of distinct looks; see `--series-1` and the following in charts.css. */
export const LOOKS = 6;

/** The size of a pattern's tile. */
export const TILE_PX = 8;

/** The lines in the tile of each look, so that looks differ in more than colour; used by the swatch and the canvas. */
export const PATTERNS: readonly string[] = [
  "",
  "M-2 2 2-2M0 8 8 0M6 10 10 6",
  "M0 2H8M0 6H8",
  "M2 0V8M6 0V8",
  "M-2 6 2 10M0 0 8 8M6-2 10 2",
  // The series of all others is plain and the palest.
  "",
];
