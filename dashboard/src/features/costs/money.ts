/** Dollars in units of 0.00000001, so that sums are exact. */
export type Units = bigint;

const DIGITS = 8;
const ONE = 10n ** BigInt(DIGITS);

/** From the exact decimal of the API: "12.34500000". */
export function toUnits(decimal: string): Units {
  const [whole = "0", fraction = ""] = decimal.replace("-", "").split(".");
  const units = BigInt(whole) * ONE + BigInt(fraction.padEnd(DIGITS, "0").slice(0, DIGITS));
  return decimal.startsWith("-") ? -units : units;
}

export function toDecimal(units: Units): string {
  const text = String(units < 0n ? -units : units).padStart(DIGITS + 1, "0");
  return `${units < 0n ? "-" : ""}${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`;
}

/** For charts and rounded texts. */
export function toDollars(units: Units): number {
  return Number(units) / Number(ONE);
}

export function sumUnits(list: readonly Units[]): Units {
  return list.reduce((sum, units) => sum + units, 0n);
}
