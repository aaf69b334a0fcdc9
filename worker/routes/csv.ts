export type Cell = string | number | boolean | object | null;

/** One record of RFC 4180. */
export function csvRecord(cells: Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** Spreadsheets run what begins like a formula; an apostrophe in front makes it text. */
function csvCell(cell: Cell): string {
  if (cell === null) return "";
  const text = typeof cell === "object" ? JSON.stringify(cell) : String(cell);
  const safe = /^[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20]/.test(text) && typeof cell === "string" ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
