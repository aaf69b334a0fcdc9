import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import { CursorRefused, type Key, readCursor, writeCursor } from "../cursor.ts";

/** What a list is sorted by. None of it is ever null or changes, and the last one is unique. */
export interface SortColumn<Row> {
  column: AnyColumn | SQL;
  type: "text" | "timestamptz" | "integer" | "uuid";
  descending?: boolean;
  of: (row: Row) => string | number | Date;
}

export interface Walk {
  page: number;
  page_size: number;
  cursor?: string | undefined;
}

const MAX_MOMENT_MS = 8.64e15;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The one way to read a list piece by piece, by page or by cursor. A cursor names the last row that was given, not how many
 * there were: whoever is there before, during and after a walk comes exactly once, whatever comes and goes beside it.
 */
export class Keyset<Row> {
  readonly #list: string;
  readonly #columns: readonly SortColumn<Row>[];

  constructor(list: string, columns: readonly SortColumn<Row>[]) {
    this.#list = list;
    this.#columns = columns;
  }

  get orderBy(): SQL[] {
    // As the indexes are sorted, or Postgres would not use them.
    return this.#columns.map(({ column, descending }) =>
      descending ? sql`${column} desc nulls last` : sql`${column}`,
    );
  }

  /** The rows to read: one more than are given, which tells whether there are more. */
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
    for (const [place, { column, type, descending }] of [...this.#columns.entries()].reverse()) {
      const value = parameter(type, key[place]);
      const further = descending ? sql`${column} < ${value}` : sql`${column} > ${value}`;
      // The first half of the second form is what an index is searched by.
      const upTo = descending ? sql`${column} <= ${value}` : sql`${column} >= ${value}`;
      beyond = beyond ? sql`(${upTo} AND (${further} OR (${column} = ${value} AND ${beyond})))` : further;
    }
    return beyond ?? sql`true`;
  }
}

/** A value of a cursor, which anybody can make up. */
function parameter(type: SortColumn<unknown>["type"], value: string | number | undefined): SQL {
  switch (type) {
    case "timestamptz":
      if (typeof value !== "number" || !(Math.abs(value) < MAX_MOMENT_MS)) break;
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
