import { fairlyKept, type Holders } from "../../common/fair-share.ts";
import type { Millis } from "../contract/presence.ts";
import type { FeedEventType, Repeats } from "../contract/stream.ts";
import type { Place } from "../contract/timeline.ts";
import type { Change, NewChange, Scope } from "./feed.ts";
import { FeedRepeats } from "./feed-repeats.ts";

/** Changes that are kept for viewers who reconnect; a viewer that missed more gets a snapshot. */
const FEED_CAPACITY = 5_000;
/** The oldest are deleted in one statement after this many new ones. */
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
  repeats: string | null;
};

type Held = Pick<FeedRow, "idx" | "organization_id" | "orchestrator_id">;

const HOLDERS: Holders<Held> = [({ organization_id }) => organization_id, ({ orchestrator_id }) => orchestrator_id];

/** The changes of one shard in its SQLite, in order. The epoch names them; storage that is lost and begun anew has another. */
export class FeedStore {
  readonly #sql: SqlStorage;
  readonly epoch: string;
  readonly #repeats = new FeedRepeats();
  #index: number;
  /** Changes up to this index may have been deleted. */
  #goneUpTo: number;
  #areRepeatsKnown = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const [epoch] = sql.exec<{ value: string }>("SELECT value FROM feed_epoch").toArray();
    this.epoch = epoch?.value ?? crypto.randomUUID();
    if (!epoch) sql.exec("INSERT INTO feed_epoch (id, value) VALUES (1, ?)", this.epoch);
    const { first, last } = sql
      .exec<{ first: number | null; last: number | null }>("SELECT min(idx) AS first, max(idx) AS last FROM feed")
      .one();
    this.#index = last ?? 0;
    const [gone] = sql.exec<{ up_to: number }>("SELECT up_to FROM feed_gone").toArray();
    this.#goneUpTo = gone?.up_to ?? (first ?? 1) - 1;
    if (!gone) this.#saveGone();
  }

  /** The index of the newest change; 0 before the first. */
  get index(): number {
    return this.#index;
  }

  /** Whether every change after this index is still here. */
  covers(index: number): boolean {
    return index >= this.#goneUpTo && index <= this.#index;
  }

  append(changes: readonly NewChange[], at: Millis): void {
    if (!this.#areRepeatsKnown && changes.length > 0) this.#repeats.load(this.#newest(), at);
    this.#areRepeatsKnown ||= changes.length > 0;
    for (const change of changes) {
      this.#index += 1;
      const fold = this.#repeats.note(change, this.#index, at);
      // The later change carries all that the replaced one would have.
      if (fold) this.#sql.exec("DELETE FROM feed WHERE idx = ?", fold.replaces);
      const { orchestratorId, organizationId, leftOrganizationId, row, event } = change;
      this.#sql.exec(
        "INSERT INTO feed (idx, at, orchestrator_id, organization_id, left_organization_id, is_row, type, detail, repeats) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        this.#index,
        at,
        orchestratorId,
        organizationId,
        leftOrganizationId,
        row || fold?.row ? 1 : 0,
        event?.type ?? null,
        event?.detail ?? null,
        fold?.repeats ? JSON.stringify(fold.repeats) : null,
      );
      if (this.#index % TRIM_EVERY === 0) this.#trim();
    }
  }

  /** The first changes after this index, in order. */
  after(index: number, limit: number): Change[] {
    const rows = this.#sql.exec<FeedRow>("SELECT * FROM feed WHERE idx > ? ORDER BY idx LIMIT ?", index, limit);
    return rows.toArray().map(toChange);
  }

  /** The changes before this place in time, or all, newest first. */
  *before(place: Place | null): Generator<Change> {
    const { at, n } = place ?? { at: Number.MAX_SAFE_INTEGER, n: 0 };
    // Not by the index alone, because a clock may have been set back.
    const rows = this.#sql.exec<FeedRow>(
      "SELECT * FROM feed WHERE at < ?1 OR (at = ?1 AND idx < ?2) ORDER BY at DESC, idx DESC",
      at,
      n,
    );
    for (const row of rows) yield toChange(row);
  }

  /** The number of stored events of these organizations, or of all. */
  eventCount(scope: Scope): number {
    return this.#sql
      .exec<{ n: number }>(
        `SELECT count(*) AS n FROM feed WHERE type IS NOT NULL
         AND (?1 IS NULL OR organization_id IN (SELECT value FROM json_each(?1)))`,
        scope && JSON.stringify(scope),
      )
      .one().n;
  }

  /** All stored changes, newest first, read lazily. */
  *#newest(): Generator<Change> {
    for (const row of this.#sql.exec<FeedRow>("SELECT * FROM feed ORDER BY idx DESC")) yield toChange(row);
  }

  /** Deletes the oldest changes of a full feed, from organizations that have more than their share. */
  #trim(): void {
    const held = this.#sql.exec<Held>("SELECT idx, organization_id, orchestrator_id FROM feed ORDER BY idx").toArray();
    if (held.length <= FEED_CAPACITY) return;
    const kept = new Set(fairlyKept(held, FEED_CAPACITY, HOLDERS));
    const gone = held.flatMap((one) => (kept.has(one) ? [] : [one.idx]));
    this.#sql.exec("DELETE FROM feed WHERE idx IN (SELECT value FROM json_each(?))", JSON.stringify(gone));
    this.#goneUpTo = Math.max(this.#goneUpTo, gone.at(-1) ?? 0);
    this.#saveGone();
  }

  #saveGone(): void {
    this.#sql.exec("INSERT OR REPLACE INTO feed_gone (id, up_to) VALUES (1, ?)", this.#goneUpTo);
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
    event: row.type === null ? null : { type: row.type, detail: row.detail, ...repeatsOf(row) },
  };
}

function repeatsOf({ repeats }: FeedRow): { repeats?: Repeats } {
  return repeats === null ? {} : { repeats: JSON.parse(repeats) as Repeats };
}
