import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import { isInCalendar } from "../contract/moments.ts";
import { CursorRefused, type Key, readCursor, writeCursor } from "../platform/cursor.ts";

/** One column of the order of a list. The last one is unique and never null. */
export interface SortColumn<Row> {
  column: AnyColumn | SQL;
  type: "text" | "timestamptz" | "integer" | "uuid";
  descending?: boolean;
  /** Rows without a value come last, in either direction. */
  nullable?: boolean;
  of: (row: Row) => string | number | Date | null;
}

export interface Walk {
  page: number;
  page_size: number;
  cursor?: string | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The only way to read a list by page or by cursor. A cursor names the last returned row, not a number of rows. So a
 * row that exists during the whole walk and keeps its place is returned exactly once, whatever appears and disappears
 * beside it.
 */
export class Keyset<Row> {
  readonly #list: string;
  readonly #columns: readonly SortColumn<Row>[];

  constructor(list: string, columns: readonly SortColumn<Row>[]) {
    this.#list = list;
    this.#columns = columns;
  }

  get orderBy(): SQL[] {
    // The indexes have this order. Postgres would not use them for another.
    return this.#columns.map(({ column, descending }) =>
      descending ? sql`${column} desc nulls last` : sql`${column}`,
    );
  }

  /** The rows to read: one more than are returned, which shows whether there are more. */
  window(query: Walk): { after: SQL | undefined; limit: number; offset: number } {
    const { cursor, page, page_size: size } = query;
    const after = cursor === undefined ? undefined : this.#after(readCursor(this.#list, query, cursor));
    return { after, limit: size + 1, offset: after ? 0 : (page - 1) * size };
  }

  /** The rows to give of those that were read, and the cursor for the next ones; null: there are none. */
  take<Given extends Row>(read: readonly Given[], query: Walk): { rows: Given[]; nextCursor: string | null } {
    const rows = read.slice(0, query.page_size);
    const last = rows.at(-1);
    return { rows, nextCursor: last && read.length > rows.length ? this.cursorAfter(last, query) : null };
  }

  cursorAfter(row: Row, query: object): string {
    const key = this.#columns.map(({ of }) => {
      const value = of(row);
      return value instanceof Date ? value.getTime() : value;
    });
    return writeCursor(this.#list, query, key);
  }

  #after(key: Key): SQL {
    if (key.length !== this.#columns.length) throw new CursorRefused("is not a cursor of this list");
    let beyond: SQL | undefined;
    for (const [place, sortColumn] of [...this.#columns.entries()].reverse()) {
      beyond = beyondValue(sortColumn, key[place], beyond);
    }
    return beyond ?? sql`true`;
  }
}

/** The rows behind this value, and of those that share it the ones that are `next`. */
function beyondValue(
  { column, type, descending, nullable }: SortColumn<never>,
  given: Key[number] | undefined,
  next: SQL | undefined,
): SQL {
  if (given === null && nullable) return sql`(${column} IS NULL AND ${next ?? sql`false`})`;
  const value = parameter(type, given);
  const further = descending ? sql`${column} < ${value}` : sql`${column} > ${value}`;
  if (nullable) return sql`(${further} OR ${column} IS NULL OR (${column} = ${value} AND ${next ?? sql`false`}))`;
  if (!next) return further;
  // The index is searched by the first half.
  const upTo = descending ? sql`${column} <= ${value}` : sql`${column} >= ${value}`;
  return sql`(${upTo} AND (${further} OR (${column} = ${value} AND ${next})))`;
}

/** A value of a cursor, which anybody can forge. */
function parameter(type: SortColumn<unknown>["type"], value: Key[number] | undefined): SQL {
  switch (type) {
    case "timestamptz":
      if (typeof value !== "number" || !Number.isInteger(value) || !isInCalendar(value)) break;
      return sql`to_timestamp(${value}::bigint / 1000.0)::timestamptz(3)`;
    case "integer":
      if (typeof value !== "number" || (value | 0) !== value) break;
      return sql`${value}::integer`;
    case "uuid":
      if (typeof value !== "string" || !UUID.test(value)) break;
      return sql`${value}::uuid`;
    case "text":
      if (typeof value !== "string" || !value.isWellFormed() || value.includes("\u0000")) break;
      return sql`${value}::text`;
  }
  throw new CursorRefused("is not a cursor of this list");
}
