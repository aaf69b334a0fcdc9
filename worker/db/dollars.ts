/** Dollars are counted in units of 10⁻⁸, as Postgres keeps them: sums and parts of whole numbers are exact. */
const PLACES = 8;
const UNITS_PER_DOLLAR = 10n ** BigInt(PLACES);

/** From a number or decimal text. Less than half a unit is zero. Not for negative amounts. */
export function toUnits(dollars: number | string): bigint {
  const text = String(dollars);
  // The shortest text of a number is what its sender wrote. Very small numbers are written with an exponent.
  const [whole = "0", fraction = ""] = (/e/i.test(text) ? Number(text).toFixed(PLACES) : text).split(".");
  const units = BigInt(whole) * UNITS_PER_DOLLAR + BigInt(fraction.slice(0, PLACES).padEnd(PLACES, "0"));
  return Number(fraction.charAt(PLACES)) >= 5 ? units + 1n : units;
}

export function toDollars(units: bigint): string {
  return `${units / UNITS_PER_DOLLAR}.${String(units % UNITS_PER_DOLLAR).padStart(PLACES, "0")}`;
}
