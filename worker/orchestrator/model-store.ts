import { MAX_MODELS, MODEL_FORGOTTEN_DAYS } from "../contract/values/limits.ts";

/** The names of models that one orchestrator has reported usage under, so that it cannot make up any number of them. */
export class ModelStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Whether usage may be counted under this name: it is known, or there is room for one more. `today`: the day's number. */
  admits(name: string, today: number): boolean {
    const [known] = this.#sql.exec<{ day: number }>("SELECT day FROM models WHERE name = ?", name).toArray();
    if (!known && !this.#makesRoom(today)) return false;
    // At most a row a day.
    if (known?.day !== today) this.#sql.exec("INSERT OR REPLACE INTO models (name, day) VALUES (?, ?)", name, today);
    return true;
  }

  #makesRoom(today: number): boolean {
    if (this.#count() < MAX_MODELS) return true;
    this.#sql.exec("DELETE FROM models WHERE day < ?", today - MODEL_FORGOTTEN_DAYS);
    return this.#count() < MAX_MODELS;
  }

  #count(): number {
    return this.#sql.exec<{ known: number }>("SELECT count(*) AS known FROM models").one().known;
  }
}
