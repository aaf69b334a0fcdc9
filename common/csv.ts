import { visibleText } from "./text.ts";

export type CsvCell = string | number | bigint | boolean | object | null | undefined;

/** Without it, a spreadsheet that is opened by double click takes UTF-8 for the encoding of its country. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Where a spreadsheet would begin to read a formula: at the start of a cell, and where a semicolon, a tab or a line break
 * begins a new one for a spreadsheet that does not split at commas.
 */
const FORMULA = /^(?=[ '"]*[\t\n])|(?<=^|[;\t\n])(?=[\s'"]*[=+\-@＝＋－＠﹦﹢﹣﹫])/g;

/** A CSV file begins so: what the columns are called. */
export function csvHead(columns: readonly string[]): string {
  return BYTE_ORDER_MARK + csvRecord(columns);
}

/** One record of RFC 4180. Numbers stay numbers; text cannot become a formula, and hidden characters show. */
export function csvRecord(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/**
 * A CSV file ends so: whether it has everything. A file without this line is a part of one. `given` of `total` rows are in
 * it; `what` names them if they are not rows.
 */
export function csvEnd(columns: number, { given, total, what = "rows" }: CsvExtent): string {
  return `# ${given < total ? "cut" : "complete"}: ${given} of ${total} ${what}${",".repeat(Math.max(columns - 1, 0))}\r\n`;
}

export interface CsvExtent {
  given: number;
  total: number;
  what?: string;
}

/** What the last line says, or null: the file broke off. */
export function readCsvEnd(text: string): Required<CsvExtent> | null {
  const [, given, total, what] =
    /(?:^|\n)# (?:complete|cut): (\d+) of (\d+) ([a-z ]+),*\r\n$/.exec(text.slice(-4096)) ?? [];
  return given && total && what ? { given: Number(given), total: Number(total), what } : null;
}

/** `audit-2025-10-28.csv`, or `audit-2025-10-28-partial.csv` when it is cut. */
export function csvName(name: string, { given, total }: CsvExtent): string {
  return `${name}${given < total ? "-partial" : ""}.csv`;
}

function csvCell(cell: CsvCell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell !== "string" && typeof cell !== "object") return String(cell);
  const given = typeof cell === "object" ? JSON.stringify(cell) : cell;
  const text = visibleText(given, { keepsLines: true }).replace(FORMULA, "'");
  return /[",;#\t\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
