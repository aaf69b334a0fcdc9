import type { FleetMember, Millis, PresenceView } from "../contract/presence.ts";

/** A silent member is asked this long after its deadline, so that a heartbeat in flight still counts (TTL + 15 s at most). */
const SWEEP_SLACK_MS = 1_000;

/** When a member must be asked whether it is still there, or null when its presence cannot lapse. */
export function sweepAt({ expiresAt, closesAt, connected }: PresenceView): Millis | null {
  const due = [expiresAt, connected ? (closesAt ?? null) : null].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due) + SWEEP_SLACK_MS;
}

/**
 * The same for a member that has not reported since the shard woke. If its row says that it is connected but has no
 * deadline, it is asked at once; after a restart every connected one is, because the restart may have closed its socket.
 */
function sweepAtWake(view: PresenceView, now: Millis, restarted: boolean): Millis | null {
  if (restarted && view.connected) return now;
  return sweepAt(view) ?? (view.connected ? now : null);
}

/** Tracks when members have to be asked whether they are still there. */
export class Sweep {
  /** Members whose object has reported since this shard woke. */
  readonly #heard = new Set<string>();
  readonly #restarted: boolean;
  dueAt: Millis | null = null;

  constructor(restarted: boolean) {
    this.#restarted = restarted;
  }

  /** Adds a member from its row. */
  load(view: PresenceView, now: Millis): void {
    this.by(sweepAtWake(view, now, this.#restarted));
  }

  hasHeard(orchestratorId: string): boolean {
    return this.#heard.has(orchestratorId);
  }

  heard(orchestratorId: string): void {
    this.#heard.add(orchestratorId);
  }

  forget(orchestratorId: string): void {
    this.#heard.delete(orchestratorId);
  }

  /** A member has to be asked at this time; null: none. */
  by(at: Millis | null): void {
    if (at !== null && (this.dueAt === null || at < this.dueAt)) this.dueAt = at;
  }

  /** Up to `limit` members whose deadline has passed; the others stay due. */
  take(members: ReadonlyMap<string, FleetMember>, now: Millis, limit: number): string[] {
    if (this.dueAt === null || this.dueAt > now) return [];
    this.dueAt = null;
    const overdue: string[] = [];
    for (const [id, { view }] of members) {
      const at = this.#heard.has(id) ? sweepAt(view) : sweepAtWake(view, now, this.#restarted);
      if (at !== null && at <= now && overdue.length < limit) overdue.push(id);
      else this.by(at === null ? null : Math.max(at, now));
    }
    return overdue;
  }
}
