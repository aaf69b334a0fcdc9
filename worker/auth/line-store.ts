import type { Line } from "./refusal-lines.ts";

/** The lines of refusals: in memory, to be looked up, and in rows, so that no count is lost with a reset. */
export class LineStore {
  readonly #sql: SqlStorage;
  readonly #lines = new Map<string, Line>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const row of sql.exec<{ line: string }>("SELECT line FROM refusal_lines")) {
      const line = JSON.parse(row.line) as Line;
      this.#lines.set(line.key, line);
    }
  }

  get all(): ReadonlyMap<string, Line> {
    return this.#lines;
  }

  save(line: Line): void {
    this.#lines.set(line.key, line);
    this.#sql.exec("INSERT OR REPLACE INTO refusal_lines (key, line) VALUES (?, ?)", line.key, JSON.stringify(line));
  }

  remove(key: string): void {
    this.#lines.delete(key);
    this.#sql.exec("DELETE FROM refusal_lines WHERE key = ?", key);
  }
}
