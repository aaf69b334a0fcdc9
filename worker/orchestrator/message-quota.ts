import type { Millis } from "../contract/presence.ts";
import { type QuotaKind, type QuotaLimits, quotaMessage } from "../contract/quotas.ts";
import type { MessageTotals } from "../db/messages.ts";

const BYTES_PER_MIB = 1024 * 1024;
/** Over the quota no message is stored that would tell when there is room again, so that it is asked for. */
const ASK_EVERY_MS = 60_000;

/** Which quota of messages an organization has reached, if any. */
export function reachedBy({ bytes, pending }: MessageTotals, limits: QuotaLimits): QuotaKind | null {
  if (bytes >= limits.message_mib_per_organization * BYTES_PER_MIB) return "message_mib_per_organization";
  return pending >= limits.pending_messages_per_organization ? "pending_messages_per_organization" : null;
}

/**
 * Whether the organization may have more messages, as Postgres said with the last that it stored. In memory: after a wake the
 * first message is taken, and its answer says whether the next one is. So a few more than the limit may come in.
 */
export class MessageQuota {
  #totals: MessageTotals | null = null;
  #knownAt: Millis = 0;
  #isAsked = false;

  learn(totals: MessageTotals, now: Millis): void {
    this.#totals = totals;
    this.#knownAt = now;
  }

  /** Why another message is refused, in a sentence, or null. Somebody has one. */
  refuse(limits: QuotaLimits): string | null {
    const reason = this.reason(limits);
    this.#isAsked ||= reason !== null;
    return reason;
  }

  reason(limits: QuotaLimits): string | null {
    const kind = this.#totals && reachedBy(this.#totals, limits);
    return kind && quotaMessage(kind, limits[kind]);
  }

  /** A message was refused since it was asked last, and what is known is so old that Postgres should be asked. */
  isStale(now: Millis): boolean {
    return this.#isAsked && now - this.#knownAt >= ASK_EVERY_MS;
  }

  /** Postgres is being asked, so that nobody else does. */
  asking(now: Millis): void {
    this.#isAsked = false;
    this.#knownAt = now;
  }
}
