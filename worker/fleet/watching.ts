import type { Millis } from "../contract/presence.ts";

/** An object that was told to report every beat does so for this long. */
const WATCH_MS = 120_000;
const RENEW_MS = 60_000;
const RETRY_MS = 5_000;
const BATCH = 100;

/**
 * Tells the objects of watched orchestrators that somebody looks, so that they report each beat, and tells them again
 * while that is so. Nobody tells them to stop: they do so by themselves.
 */
export class Watching {
  readonly #renewAt = new Map<string, Millis>();
  dueAt: Millis | null = null;

  constructor(renewedAt: ReadonlyMap<string, Millis>) {
    for (const [id, at] of renewedAt) this.#set(id, at + RENEW_MS);
  }

  /** Somebody began to watch these. */
  begin(orchestratorIds: readonly string[], now: Millis): void {
    for (const id of orchestratorIds) if (!this.#renewAt.has(id)) this.#set(id, now);
  }

  /** It has to be told by then, if it is watched: a new session knows of no watcher. */
  plan(orchestratorId: string, at: Millis): void {
    if (this.#renewAt.has(orchestratorId)) this.#set(orchestratorId, at);
  }

  /** Tells those that are due, in batches; who is watched no longer is forgotten. */
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
