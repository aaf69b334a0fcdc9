import type { FleetMember, Millis, PresenceView } from "../contract/presence.ts";

/** Silence is looked into this long after it is due, so that a beat on its way still counts (TTL + 15 s at most). */
const SWEEP_SLACK_MS = 1_000;

/** When a member must be asked whether it is still there, or null when nothing of its presence can lapse. */
export function sweepAt({ expiresAt, closesAt, connected }: PresenceView): Millis | null {
  const due = [expiresAt, connected ? (closesAt ?? null) : null].filter((at) => at !== null);
  return due.length === 0 ? null : Math.min(...due) + SWEEP_SLACK_MS;
}

/**
 * The same for a member that has not been heard since the shard woke. One that claims a socket but has no deadline is
 * asked at once; after a restart every one that claims a socket is, because the restart may have taken it.
 */
function sweepAtWake(view: PresenceView, now: Millis, restarted: boolean): Millis | null {
  if (restarted && view.connected) return now;
  return sweepAt(view) ?? (view.connected ? now : null);
}

/** When members have to be asked whether they are still there. */
export class Sweep {
  /** Members whose object has spoken since this shard woke. */
  readonly #heard = new Set<string>();
  readonly #restarted: boolean;
  dueAt: Millis | null = null;

  constructor(restarted: boolean) {
    this.#restarted = restarted;
  }

  /** A member as its row had it. */
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

  /** Somebody has to be asked by then; null: nobody. */
  by(at: Millis | null): void {
    if (at !== null && (this.dueAt === null || at < this.dueAt)) this.dueAt = at;
  }

  /** The first so many members whose signal ran out; the others stay due. */
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
