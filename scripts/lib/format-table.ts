/** int2, int4, int8, oid, float4, float8, numeric, money: set to the right, as psql does. */
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 790, 1700]);

interface Column {
  name: string;
  dataTypeID: number;
}

/** Lays out rows as psql does. Line breaks and control characters are shown escaped: a cell may hold anything. */
export function formatTable(columns: Column[], rows: unknown[][]): string {
  const cells = rows.map((row) => row.map((value) => (value === null ? "" : printable(String(value)))));
  const names = columns.map(({ name }) => printable(name));
  const widths = names.map((name, i) => Math.max(width(name), ...cells.map((row) => width(row[i] ?? ""))));
  const line = (values: string[]) =>
    values
      .map((value) => ` ${value} `)
      .join("|")
      .trimEnd();
  const header = line(names.map((name, i) => center(name, widths[i] ?? 0)));
  const rule = widths.map((size) => "-".repeat(size + 2)).join("+");
  const body = cells.map((row) =>
    line(row.map((cell, i) => align(cell, widths[i] ?? 0, NUMBERS.has(columns[i]?.dataTypeID ?? 0)))),
  );
  return [header, rule, ...body, `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`].join("\n");
}

/** Text from outside as a terminal may show it: without line breaks and control characters. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach the terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) =>
    c === "\n" ? "\\n" : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function width(text: string): number {
  return [...text].length;
}

function align(text: string, size: number, toRight: boolean): string {
  const gap = " ".repeat(Math.max(0, size - width(text)));
  return toRight ? gap + text : text + gap;
}

function center(text: string, size: number): string {
  const gap = Math.max(0, size - width(text));
  return " ".repeat(Math.floor(gap / 2)) + text + " ".repeat(Math.ceil(gap / 2));
}
