import type { Millis } from "../contract/presence.ts";
import type { FeedEventType } from "../contract/stream.ts";
import type { Change, NewChange } from "./feed.ts";

/** Changes that stay for viewers who come back; whoever was away for more gets a snapshot. */
const FEED_CAPACITY = 5_000;
/** The oldest go in one statement for so many new ones. */
const TRIM_EVERY = 250;

type FeedRow = {
  idx: number;
  at: number;
  orchestrator_id: string;
  organization_id: string;
  left_organization_id: string | null;
  is_row: number;
  type: FeedEventType | null;
  detail: string | null;
};

/** The changes of one shard in its SQLite, in order, under a name that a lost storage would not find again. */
export class FeedStore {
  readonly #sql: SqlStorage;
  readonly epoch: string;
  #index: number;
  #oldest: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`
      CREATE TABLE IF NOT EXISTS feed (
        idx INTEGER PRIMARY KEY, at INTEGER NOT NULL, orchestrator_id TEXT NOT NULL, organization_id TEXT NOT NULL,
        left_organization_id TEXT, is_row INTEGER NOT NULL, type TEXT, detail TEXT
      );
      CREATE TABLE IF NOT EXISTS feed_epoch (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL);
    `);
    const [epoch] = sql.exec<{ value: string }>("SELECT value FROM feed_epoch").toArray();
    this.epoch = epoch?.value ?? crypto.randomUUID();
    if (!epoch) sql.exec("INSERT INTO feed_epoch (id, value) VALUES (1, ?)", this.epoch);
    const { first, last } = sql
      .exec<{ first: number | null; last: number | null }>("SELECT min(idx) AS first, max(idx) AS last FROM feed")
      .one();
    this.#index = last ?? 0;
    this.#oldest = first ?? 1;
  }

  /** The index of the newest change; 0 before the first. */
  get index(): number {
    return this.#index;
  }

  /** Whether every change after this index is still here. */
  covers(index: number): boolean {
    return index >= this.#oldest - 1 && index <= this.#index;
  }

  append(changes: readonly NewChange[], at: Millis): void {
    for (const { orchestratorId, organizationId, leftOrganizationId, row, event } of changes) {
      this.#index += 1;
      this.#sql.exec(
        "INSERT INTO feed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        this.#index,
        at,
        orchestratorId,
        organizationId,
        leftOrganizationId,
        row ? 1 : 0,
        event?.type ?? null,
        event?.detail ?? null,
      );
      if (this.#index % TRIM_EVERY === 0) this.#trim();
    }
  }

  /** The first changes after this index, in order. */
  after(index: number, limit: number): Change[] {
    const rows = this.#sql.exec<FeedRow>("SELECT * FROM feed WHERE idx > ? ORDER BY idx LIMIT ?", index, limit);
    return rows.toArray().map(toChange);
  }

  /** All that are kept, the newest first, read as they are asked for. */
  *newest(): Generator<Change> {
    for (const row of this.#sql.exec<FeedRow>("SELECT * FROM feed ORDER BY idx DESC")) yield toChange(row);
  }

  #trim(): void {
    const newestToGo = this.#index - FEED_CAPACITY;
    if (newestToGo < this.#oldest) return;
    this.#sql.exec("DELETE FROM feed WHERE idx <= ?", newestToGo);
    this.#oldest = newestToGo + 1;
  }
}

function toChange(row: FeedRow): Change {
  return {
    index: row.idx,
    at: row.at,
    orchestratorId: row.orchestrator_id,
    organizationId: row.organization_id,
    leftOrganizationId: row.left_organization_id,
    row: row.is_row === 1,
    event: row.type === null ? null : { type: row.type, detail: row.detail },
  };
}
