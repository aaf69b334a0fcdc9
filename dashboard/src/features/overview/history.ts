/** A number that holds until the next sample; null: not known. */
export interface Sample {
  at: number;
  value: number | null;
}

/** Some hours of a lively fleet; what is older goes. */
const MOST_SAMPLES = 2000;
/** Changes within it are one. */
const STEP_MS = 1000;

export function addSample(history: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = history.at(-1);
  if (!last) return sample.value === null ? history : [sample];
  if (last.value === sample.value) return history;
  // What was not known must stay to be seen, however short it was.
  const isQuick = history.length > 1 && sample.at - last.at < STEP_MS && last.value !== null && sample.value !== null;
  if (!isQuick) return [...history, sample].slice(-MOST_SAMPLES);
  return addSample(history.slice(0, -1), { at: last.at, value: sample.value });
}

/** For a line that goes on until now; of two points at least, or there would be nothing to draw. */
export function toLine(history: readonly Sample[], now: number): { moments: number[]; values: (number | null)[] } {
  const last = history.at(-1);
  const shown = last ? [...history, { at: Math.max(now, last.at + 1), value: last.value }] : history;
  return { moments: shown.map(({ at }) => at), values: shown.map(({ value }) => value) };
}

/** "now 40, between 38 and 41", for who cannot see the line. */
export function describeLine(history: readonly Sample[]): string {
  const values = history.flatMap(({ value }) => value ?? []);
  const last = history.at(-1)?.value;
  if (values.length === 0) return "nothing known yet";
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${last === null || last === undefined ? "not known now" : `now ${last}`}, ${least === most ? "unchanged" : `between ${least} and ${most}`}`;
}
