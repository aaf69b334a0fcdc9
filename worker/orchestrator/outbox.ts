import type { Millis } from "../contract/presence.ts";
import { type Database, withDatabase } from "../db/client.ts";
import type { RegistrationOutcome } from "../db/registration.ts";
import { deliver, type Intent, isOutage, nextAttemptAt } from "./intents.ts";
import type { OrchestratorStore, PendingIntent } from "./store.ts";

/** An inline delivery has ended by then: one database call takes at most 5 s. */
const SAFETY_NET_MS = 10_000;
const PROFILE_PAUSE_MS = 1_000;

interface OutboxHooks {
  orchestratorId: string;
  /** What to do after Postgres answered: null removes the intent, another one replaces it and is tried at once. */
  settled: (pending: PendingIntent, outcome: RegistrationOutcome) => Intent | null;
  failed: (pending: PendingIntent, error: unknown) => void;
}

/** Delivers the queued intents of one orchestrator to Postgres, in order and one at a time. */
export class Outbox {
  readonly #store: OrchestratorStore;
  readonly #env: Env;
  readonly #hooks: OutboxHooks;
  #running: Promise<void> | null = null;
  #deliveringId: number | null = null;

  constructor(store: OrchestratorStore, env: Env, hooks: OutboxHooks) {
    this.#store = store;
    this.#env = env;
    this.#hooks = hooks;
  }

  /** When the alarm should try, or null when nothing is queued. */
  get dueAt(): Millis | null {
    return this.#store.nextIntent()?.dueAt ?? null;
  }

  /** Queues a change that the caller delivers inline; the alarm is its safety net when that is cut off. */
  enqueue(intent: Intent, now: Millis): number {
    return this.#store.enqueue(intent, now + SAFETY_NET_MS);
  }

  /** Queues what an orchestrator says of itself, in place of what waits already: at most one statement a second. */
  enqueueProfile(intent: Intent, now: Millis): void {
    const last = this.#store.lastIntent();
    const waits = last?.intent.kind === "register" && last.intent.source === "handshake";
    if (last && waits && last.id !== this.#deliveringId) this.#store.replaceIntent(last.id, intent);
    else this.#store.enqueue(intent, now + PROFILE_PAUSE_MS);
  }

  /** Tries to deliver everything queued. True when the intent `id` is delivered; false: the alarm will finish it. */
  async drain(id?: number): Promise<boolean> {
    if (this.#running) {
      await this.#running;
      // The run may have ended just before this intent was queued; one that failed is left to the alarm.
      const next = this.#store.nextIntent();
      if (next && next.attempts === 0) await this.#start();
    } else {
      await this.#start();
    }
    return id === undefined ? this.#store.nextIntent() === null : !this.#store.hasIntent(id);
  }

  async #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let next = this.#store.nextIntent(); next !== null; next = this.#store.nextIntent()) {
      const pending = next;
      this.#deliveringId = pending.id;
      try {
        const outcome = await withDatabase(this.#env, (db: Database) =>
          deliver(db, this.#hooks.orchestratorId, pending.intent),
        );
        const replacement = this.#hooks.settled(pending, outcome);
        if (replacement) this.#store.replaceIntent(pending.id, replacement);
        else this.#store.removeIntent(pending.id);
      } catch (error) {
        this.#store.postponeIntent(pending.id, nextAttemptAt(Date.now(), pending.attempts));
        if (!isOutage(error)) this.#hooks.failed(pending, error);
        return;
      } finally {
        this.#deliveringId = null;
      }
    }
  }
}
