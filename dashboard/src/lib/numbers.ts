import { LOCALE } from "./locale.ts";

const COUNT = new Intl.NumberFormat(LOCALE);
const COMPACT = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const PERCENT = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });
const USD = new Intl.NumberFormat(LOCALE, { style: "currency", currency: "USD" });
const USD_EXACT = new Intl.NumberFormat(LOCALE, { style: "currency", currency: "USD", maximumFractionDigits: 8 });
const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"];

/** "12,431". */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** "12.4K", for tight spaces; show the exact number too, for example in a title. */
export function formatCompact(count: number): string {
  return COMPACT.format(count);
}

/** 0.125 → "12.5%". */
export function formatPercent(share: number): string {
  return PERCENT.format(share);
}

/** "$12.35". A small amount keeps its digits, because "$0.00" would look free. */
export function formatUsd(amount: number): string {
  const isTiny = amount !== 0 && Math.abs(amount) < 0.01;
  return (isTiny ? USD_EXACT : USD).format(amount);
}

/** "1.5 KB", 1 KB being 1,024 bytes. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), BYTE_UNITS.length - 1);
  const size = bytes / 1024 ** power;
  return `${power === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** "1 orchestrator", "3 orchestrators". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
