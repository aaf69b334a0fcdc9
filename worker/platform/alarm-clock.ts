import type { Millis } from "../contract/presence.ts";

/** The one alarm of an object; the only caller of setAlarm. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  /** An alarm that is overdue by more than this was lost with a restart of the runtime. */
  readonly #lostAfterMs: number;
  /** The time of the alarm, if it is known since the object woke. */
  #armedAt: Millis | null = null;

  constructor(storage: DurableObjectStorage, lostAfterMs: number) {
    this.#storage = storage;
    this.#lostAfterMs = lostAfterMs;
  }

  /** Call this when the alarm rings. */
  rang(): void {
    this.#armedAt = null;
  }

  /** Whether it is known to ring by this moment. */
  ringsBy(at: Millis): boolean {
    return this.#armedAt !== null && this.#armedAt <= at;
  }

  /** Arms the alarm for this moment, or leaves an earlier one; at once if the moment has passed. */
  async arm(at: Millis, now: Millis): Promise<void> {
    const stored = this.#armedAt ?? (await this.#storage.getAlarm());
    // It may have been armed meanwhile.
    const armed = this.#armedAt ?? stored;
    const isEarlyEnough = armed !== null && armed <= at && armed >= now - this.#lostAfterMs;
    if (isEarlyEnough) {
      this.#armedAt = armed;
      return;
    }
    // An alarm that is set at or before the present moment within `alarm()` is lost (docs/design.md#alarms). The clock
    // is read here, because the caller may have awaited something since it read its own.
    this.#armedAt = Math.max(at, Date.now() + 1);
    await this.#storage.setAlarm(this.#armedAt);
  }
}
