import type { Names } from "../contract/orchestrator.ts";
import type { Millis } from "../contract/presence.ts";
import { type Database, isRefused, withDatabase } from "../db/client.ts";
import { withEarlierChanges } from "./audit.ts";
import {
  companionsOf,
  type DeliveryOutcome,
  deliver,
  type Intent,
  isOutage,
  mayBePassed,
  nextAttemptAt,
  withoutNames,
} from "./intents.ts";
import type { OrchestratorStore, PendingIntent } from "./store.ts";

/** An inline delivery has ended by then: one database call takes at most 5 s. */
export const SAFETY_NET_MS = 10_000;
const PROFILE_PAUSE_MS = 1_000;
/** What one statement may carry. */
const MAX_BATCH = 200;
const MAX_BATCH_CHARS = 1_000_000;
/** Hours of reports; about 80 MB of the largest messages. */
const MAX_QUEUED = 5_000;

interface Delivery {
  /** The intents that Postgres has now. */
  done: ReadonlySet<number>;
  /** Whether the rest of the queue may go on; otherwise what comes first has to wait for the alarm. */
  goesOn: boolean;
}

interface OutboxHooks {
  orchestratorId: string;
  /** What to do after Postgres answered: null removes the intent, another one replaces it and is tried at once. */
  settled: (pending: PendingIntent, outcome: DeliveryOutcome) => Intent | null;
  failed: (pending: PendingIntent, error: unknown) => void;
}

/**
 * Delivers the queued intents of one orchestrator to Postgres: in order, one statement at a time, and messages that
 * queued up meanwhile together in the next one.
 */
export class Outbox {
  readonly #store: OrchestratorStore;
  readonly #env: Env;
  readonly #hooks: OutboxHooks;
  #running: Promise<Delivery> | null = null;
  #deliveringId: number | null = null;
  /** Messages and usage that Postgres refused for what they are. Others pass them, until they are due again. */
  readonly #refused = new Set<number>();
  /** Up to here messages go one by one, because one of them made their batch fail. */
  #singlyUpTo = 0;

  constructor(store: OrchestratorStore, env: Env, hooks: OutboxHooks) {
    this.#store = store;
    this.#env = env;
    this.#hooks = hooks;
  }

  /** When the alarm should try, or null when nothing is queued. */
  get dueAt(): Millis | null {
    return this.#store.dueAt(this.#refused);
  }

  /** While Postgres is away an orchestrator may not fill the storage with what it sends. */
  get isFull(): boolean {
    return this.#store.holds(MAX_QUEUED);
  }

  /** Queues a change that the caller delivers inline; the alarm is its safety net when that is cut off. */
  enqueue(intent: Intent, now: Millis): number {
    return this.#store.enqueue(intent, now + SAFETY_NET_MS);
  }

  /** Queues what an orchestrator says of itself, in place of what waits already: at most one statement a second. */
  enqueueProfile(intent: Intent, now: Millis): void {
    const last = this.#store.lastIntent();
    const waits = last?.intent.kind === "register" && last.intent.source === "handshake";
    if (last && waits && last.id !== this.#deliveringId) {
      this.#store.replaceIntent(last.id, withEarlierChanges(intent, last.intent));
    } else this.#store.enqueue(intent, now + PROFILE_PAUSE_MS);
  }

  /** Somebody has set these names, and Postgres has them: what waits must not set older ones. */
  yieldNames(names: Names): void {
    for (const { id, intent } of this.#store.queuedRegistrations()) {
      if (intent.kind === "register") this.#store.replaceIntent(id, withoutNames(intent, names));
    }
  }

  /**
   * Tries to deliver what is queued up to the intent `id`, or everything. True when it is delivered; false: the alarm
   * will finish it.
   */
  async drain(id?: number): Promise<boolean> {
    const upTo = id ?? this.#store.lastIntent()?.id ?? 0;
    while (this.#waits(upTo)) {
      const { done, goesOn } = await this.#step();
      if (id !== undefined && done.has(id)) return true;
      if (!goesOn) break;
    }
    return id === undefined ? !this.#waits(upTo) : !this.#store.hasIntent(id);
  }

  #waits(upTo: number): boolean {
    return this.#store.waitsIntent(upTo, this.#refused, Date.now());
  }

  /** One statement, the same for all who wait. */
  async #step(): Promise<Delivery> {
    this.#running ??= this.#deliverNext().finally(() => {
      this.#running = null;
      this.#deliveringId = null;
    });
    return await this.#running;
  }

  async #deliverNext(): Promise<Delivery> {
    const now = Date.now();
    const [first, ...rest] = this.#store.nextIntents(MAX_BATCH, MAX_BATCH_CHARS, this.#refused, now);
    if (!first) return { done: new Set(), goesOn: true };
    const companions = first.id <= this.#singlyUpTo ? [] : companionsOf(first, rest);
    const batch = [first, ...companions];
    this.#deliveringId = first.id;
    this.#refused.delete(first.id);
    try {
      const intents = companions.map(({ intent }) => intent);
      const outcome = await withDatabase(this.#env, (db: Database) =>
        deliver(db, this.#hooks.orchestratorId, first.intent, intents),
      );
      return { done: this.#settle(batch, outcome), goesOn: true };
    } catch (error) {
      return { done: new Set(), goesOn: this.#fail(first, batch, error) };
    }
  }

  #settle(batch: PendingIntent[], outcome: DeliveryOutcome): Set<number> {
    const done = new Set<number>();
    for (const pending of batch) {
      const replacement = this.#hooks.settled(pending, outcome);
      if (replacement) this.#store.replaceIntent(pending.id, replacement);
      else done.add(pending.id);
    }
    this.#store.removeIntents([...done]);
    return done;
  }

  /** Decides what a failure means for the rest of the queue: true when it may go on. */
  #fail(first: PendingIntent, batch: PendingIntent[], error: unknown): boolean {
    if (batch.length > 1 && isRefused(error)) {
      this.#singlyUpTo = batch.at(-1)?.id ?? 0;
      return true;
    }
    this.#store.postponeIntent(first.id, nextAttemptAt(Date.now(), first.attempts));
    if (!isOutage(error)) this.#hooks.failed(first, error);
    if (!mayBePassed(first.intent) || !isRefused(error)) return false;
    this.#refused.add(first.id);
    return true;
  }
}
