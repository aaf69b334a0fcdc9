import type { Millis } from "../contract/presence.ts";

/** The one alarm of an object; the only caller of setAlarm. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  /** One that is overdue by more than this was lost with a restart of the runtime. */
  readonly #lostAfterMs: number;
  /** When it rings, as far as this object knows since it woke. */
  #armedAt: Millis | null = null;

  constructor(storage: DurableObjectStorage, lostAfterMs: number) {
    this.#storage = storage;
    this.#lostAfterMs = lostAfterMs;
  }

  /** It rings: what was armed is spent. */
  rang(): void {
    this.#armedAt = null;
  }

  /** Whether it is known to ring by then. */
  ringsBy(at: Millis): boolean {
    return this.#armedAt !== null && this.#armedAt <= at;
  }

  /** Has it ring at this moment, or earlier if it does so already; at once if the moment has passed. */
  async arm(at: Millis, now: Millis): Promise<void> {
    const stored = this.#armedAt ?? (await this.#storage.getAlarm());
    // Somebody else may have armed it meanwhile.
    const armed = this.#armedAt ?? stored;
    const isEarlyEnough = armed !== null && armed <= at && armed >= now - this.#lostAfterMs;
    if (isEarlyEnough) {
      this.#armedAt = armed;
      return;
    }
    // Set at or behind the present moment from within `alarm()`, it is lost: cloudflare/workerd#6866. The clock is read
    // here, because the caller's may be older by what was awaited since.
    this.#armedAt = Math.max(at, Date.now() + 1);
    await this.#storage.setAlarm(this.#armedAt);
  }
}
