import type { Millis } from "../contract/presence.ts";

/** An object that was told to report every beat does so for this long. */
export const WATCH_MS = 120_000;
const RENEW_MS = 60_000;
const BATCH = 100;

/**
 * Tells the objects of watched orchestrators that somebody looks, so that they report each beat, and tells them again
 * while that is so. Nobody tells them to stop: they do so by themselves.
 */
export class Watching {
  readonly #renewAt = new Map<string, Millis>();
  dueAt: Millis | null = null;

  constructor(renewedAt: ReadonlyMap<string, Millis>) {
    for (const [id, at] of renewedAt) this.#plan(id, at + RENEW_MS);
  }

  /** Somebody began to watch these. */
  begin(orchestratorIds: readonly string[], now: Millis): void {
    for (const id of orchestratorIds) if (!this.#renewAt.has(id)) this.#plan(id, now);
  }

  /** It has a new session, which knows of no watcher. */
  restart(orchestratorId: string, now: Millis): void {
    if (this.#renewAt.has(orchestratorId)) this.#plan(orchestratorId, now);
  }

  /** Tells those that are due, in batches; who is watched no longer is forgotten. */
  async run(
    watched: ReadonlyMap<string, unknown>,
    now: Millis,
    tell: (orchestratorId: string, untilMs: Millis) => Promise<void>,
  ): Promise<void> {
    const due: string[] = [];
    this.dueAt = null;
    for (const [id, at] of [...this.#renewAt]) {
      if (!watched.has(id)) this.#renewAt.delete(id);
      else this.#plan(id, at <= now ? now + RENEW_MS : at);
      if (at <= now && watched.has(id)) due.push(id);
    }
    for (let start = 0; start < due.length; start += BATCH) {
      await Promise.all(due.slice(start, start + BATCH).map((id) => tell(id, now + WATCH_MS)));
    }
  }

  #plan(orchestratorId: string, at: Millis): void {
    this.#renewAt.set(orchestratorId, at);
    if (this.dueAt === null || at < this.dueAt) this.dueAt = at;
  }
}
