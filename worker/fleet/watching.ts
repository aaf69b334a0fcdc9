import type { Millis } from "../contract/presence.ts";

/** An object that is told to report each heartbeat does so for this long. */
const WATCH_MS = 120_000;
const RENEW_MS = 60_000;
const RETRY_MS = 5_000;
const BATCH = 100;

/**
 * Tells the objects of watched orchestrators to report each heartbeat, and repeats this while they are watched. The objects
 * stop by themselves.
 */
export class Watching {
  readonly #renewAt = new Map<string, Millis>();
  dueAt: Millis | null = null;

  constructor(renewedAt: ReadonlyMap<string, Millis>) {
    for (const [id, at] of renewedAt) this.#set(id, at + RENEW_MS);
  }

  /** A viewer has begun to watch these. */
  begin(orchestratorIds: readonly string[], now: Millis): void {
    for (const id of orchestratorIds) if (!this.#renewAt.has(id)) this.#set(id, now);
  }

  /** Plans the next call for a watched id; a new session has not been told yet. */
  plan(orchestratorId: string, at: Millis): void {
    if (this.#renewAt.has(orchestratorId)) this.#set(orchestratorId, at);
  }

  /** Calls the objects that are due, in batches, and drops ids that are no longer watched. */
  async run(
    watched: ReadonlyMap<string, unknown>,
    now: Millis,
    isConnected: (orchestratorId: string) => boolean,
    tell: (orchestratorId: string, untilMs: Millis) => Promise<void>,
  ): Promise<void> {
    const due: string[] = [];
    this.dueAt = null;
    for (const [id, at] of [...this.#renewAt]) {
      if (!watched.has(id)) this.#renewAt.delete(id);
      else this.#set(id, at <= now ? now + RENEW_MS : at);
      if (at <= now && watched.has(id) && isConnected(id)) due.push(id);
    }
    for (let start = 0; start < due.length; start += BATCH) {
      const batch = due.slice(start, start + BATCH);
      const results = await Promise.allSettled(batch.map((id) => tell(id, now + WATCH_MS)));
      batch.forEach((id, index) => {
        if (results[index]?.status === "rejected") this.plan(id, now + RETRY_MS);
      });
    }
  }

  #set(orchestratorId: string, at: Millis): void {
    this.#renewAt.set(orchestratorId, at);
    if (this.dueAt === null || at < this.dueAt) this.dueAt = at;
  }
}
