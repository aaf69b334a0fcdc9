/** The controller allows one caller 50 requests per second; this leaves room for other tabs and users of the same token. */
const MOST_PER_SEC = 30;
const LEAST_PER_SEC = 4;
/** Browsers run timers of a hidden page once a second or once a minute; this many requests may go out at once after that. */
const BURST = 300;
/** How much each successful call restores of the rate after a refusal. */
const RECOVERY_PER_CALL = 0.1;

/** Limits the rate of many calls: at most {@link MOST_PER_SEC}, and less after the controller has rate-limited a call. */
export class Pace {
  readonly #now: () => number;
  #perSec = MOST_PER_SEC;
  #tokens = BURST;
  #tokensAt: number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#tokensAt = now();
  }

  get perSec(): number {
    return this.#perSec;
  }

  /** Resolves when the next call may go out, or at once when the signal is aborted. */
  async turn(signal?: AbortSignal): Promise<void> {
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#tokensAt) / 1000) * this.#perSec) - 1;
    this.#tokensAt = now;
    if (this.#tokens < 0) await pause((-this.#tokens / this.#perSec) * 1000, signal);
  }

  answered(): void {
    this.#perSec = Math.min(MOST_PER_SEC, this.#perSec + RECOVERY_PER_CALL);
  }

  /** Call after a rate-limited call: uses up the burst and halves the rate. */
  refused(): void {
    this.#perSec = Math.max(LEAST_PER_SEC, this.#perSec / 2);
    this.#tokens = Math.min(this.#tokens, 0);
  }
}

/** Waits, or resolves early when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
