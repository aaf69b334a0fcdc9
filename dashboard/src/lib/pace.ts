/** What one caller may ask of the controller is 50 a second; other tabs and people with the same token need room as well. */
const MOST_PER_SEC = 30;
const LEAST_PER_SEC = 4;
/** Browsers let a hidden page act once a second, or once a minute: so much may go out at once after such a pause. */
const BURST = 300;
/** By how much each call that was answered makes up for the last refusal. */
const RECOVERY_PER_CALL = 0.1;

/** How fast many calls go out: at most {@link MOST_PER_SEC}, and more slowly after the controller has said that it is too much. */
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

  /** Resolves when the next call may go out; at once when it was given up meanwhile. */
  async turn(signal?: AbortSignal): Promise<void> {
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#tokensAt) / 1000) * this.#perSec) - 1;
    this.#tokensAt = now;
    if (this.#tokens < 0) await pause((-this.#tokens / this.#perSec) * 1000, signal);
  }

  answered(): void {
    this.#perSec = Math.min(MOST_PER_SEC, this.#perSec + RECOVERY_PER_CALL);
  }

  /** Nothing is left to be spent at once, and half as much goes out from now on. */
  refused(): void {
    this.#perSec = Math.max(LEAST_PER_SEC, this.#perSec / 2);
    this.#tokens = Math.min(this.#tokens, 0);
  }
}

/** Waits; not any longer once the signal is aborted. */
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
