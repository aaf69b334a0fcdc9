import type { FleetMember, Millis, PresenceView } from "../contract/presence.ts";
import { sweepAt, sweepAtWake } from "./members.ts";

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
