/** A number that is valid until the next sample; null: unknown. */
export interface Sample {
  at: number;
  value: number | null;
}

/** A few hours of an active fleet; older samples are dropped. */
const MOST_SAMPLES = 2000;
/** Changes within this time are combined. */
const STEP_MS = 1000;

export function addSample(history: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = history.at(-1);
  if (!last) return sample.value === null ? history : [sample];
  if (last.value === sample.value) return history;
  // A gap of unknown values must remain visible, however short.
  const isQuick = history.length > 1 && sample.at - last.at < STEP_MS && last.value !== null && sample.value !== null;
  if (!isQuick) return [...history, sample].slice(-MOST_SAMPLES);
  return addSample(history.slice(0, -1), { at: last.at, value: sample.value });
}

/** The points of a line up to now; at least two, so that there is a line to draw. */
export function toLine(history: readonly Sample[], now: number): { moments: number[]; values: (number | null)[] } {
  const last = history.at(-1);
  const shown = last ? [...history, { at: Math.max(now, last.at + 1), value: last.value }] : history;
  return { moments: shown.map(({ at }) => at), values: shown.map(({ value }) => value) };
}

/** "now 40, between 38 and 41", for screen readers. */
export function describeLine(history: readonly Sample[]): string {
  const values = history.flatMap(({ value }) => value ?? []);
  const last = history.at(-1)?.value;
  if (values.length === 0) return "no data yet";
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${last === null || last === undefined ? "currently unknown" : `now ${last}`}, ${least === most ? "unchanged" : `between ${least} and ${most}`}`;
}
