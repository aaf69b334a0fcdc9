/** Clocks differ a little, and frames take their time; one that is further off is worth a word. */
export const CLOCK_TOLERANCE_MS = 60_000;
