import type { Millis } from "../contract/presence.ts";
import { QUOTA_KINDS, type QuotaKind, type QuotaLimits, quotaMessage } from "../contract/quotas.ts";
import type { MessageTotals } from "../db/messages-write.ts";

const BYTES_PER_MIB = 1024 * 1024;
/** Over the quota no message is stored that would tell when there is room again, so that it is asked for. */
const ASK_EVERY_MS = 60_000;

/** Which quota of messages an organization has reached, if any. */
export function reachedBy({ bytes, pending }: MessageTotals, limits: QuotaLimits): QuotaKind | null {
  if (bytes >= limits.message_mib_per_organization * BYTES_PER_MIB) return "message_mib_per_organization";
  return pending >= limits.pending_messages_per_organization ? "pending_messages_per_organization" : null;
}

/**
 * Whether the organization may have more messages, as Postgres said with the last that it stored. Kept in a row as well,
 * because an object that nobody calls for some seconds forgets what is in memory. The row is written when the answer
 * changes, and when Postgres is asked again, which only a refused message leads to: at most once a minute.
 */
export class MessageQuota {
  readonly #sql: SqlStorage;
  #reached: QuotaKind | null = null;
  #knownAt: Millis = 0;
  #isAsked = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    const [row] = sql
      .exec<{ reached: string; known_at: number }>("SELECT reached, known_at FROM message_quota")
      .toArray();
    this.#reached = QUOTA_KINDS.find((kind) => kind === row?.reached) ?? null;
    this.#knownAt = row?.known_at ?? 0;
  }

  learn(totals: MessageTotals, limits: QuotaLimits, now: Millis): void {
    const before = this.#reached;
    this.#reached = reachedBy(totals, limits);
    this.#knownAt = now;
    if (this.#reached !== before) this.#save();
  }

  /** Why another message is refused, in a sentence, or null. Somebody has one. */
  refuse(limits: QuotaLimits): string | null {
    const reason = this.reason(limits);
    this.#isAsked ||= reason !== null;
    return reason;
  }

  reason(limits: QuotaLimits): string | null {
    return this.#reached && quotaMessage(this.#reached, limits[this.#reached]);
  }

  /** A message was refused since it was asked last, and what is known is so old that Postgres should be asked. */
  isStale(now: Millis): boolean {
    return this.#isAsked && now - this.#knownAt >= ASK_EVERY_MS;
  }

  /** Postgres is being asked, so that nobody else does. */
  asking(now: Millis): void {
    this.#isAsked = false;
    this.#knownAt = now;
    this.#save();
  }

  #save(): void {
    if (this.#reached === null) {
      this.#sql.exec("DELETE FROM message_quota");
      return;
    }
    const sql = "INSERT OR REPLACE INTO message_quota (id, reached, known_at) VALUES (1, ?, ?)";
    this.#sql.exec(sql, this.#reached, this.#knownAt);
  }
}
