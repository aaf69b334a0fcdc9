/** What the person at the screen may know about the refreshing. */
export interface PollerState {
  /** In a row; 0 after a success. */
  failures: number;
  error: unknown;
  /** When the next attempt is due; null while one runs or the page is hidden. */
  nextAt: number | null;
}

export interface PollerOptions {
  run: () => Promise<void>;
  onState: (state: PollerState) => void;
  intervalMs: () => number;
  maxIntervalMs: number;
  isVisible: () => boolean;
  /** Seconds that the failed answer asks to wait, if it does. */
  retryAfterSec?: (error: unknown) => number | null;
  random?: () => number;
}

export interface Poller {
  /** Runs at once; while a run is under way, once more after it. */
  poke(): void;
  stop(): void;
}

/** Doubles with every failure, with up to a fifth of chance so that many pages do not come back in step. */
export function delayAfter(failures: number, intervalMs: number, maxIntervalMs: number, chance: number): number {
  if (failures === 0) return intervalMs;
  return Math.min(intervalMs * 2 ** failures, maxIntervalMs) * (0.8 + 0.2 * chance);
}

/** Repeats `run` while the page is visible: never two at a time, more slowly while it fails. */
export function createPoller(options: PollerOptions): Poller {
  const { run, onState, intervalMs, maxIntervalMs, isVisible } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let error: unknown = null;
  let isRunning = false;
  let isAgainWanted = false;
  let isStopped = false;

  const report = (nextAt: number | null) => {
    if (!isStopped) onState({ failures, error, nextAt });
  };

  const schedule = () => {
    if (isStopped || !isVisible()) return report(null);
    const asked = (options.retryAfterSec?.(error) ?? 0) * 1000;
    const chance = (options.random ?? Math.random)();
    const wait = Math.max(delayAfter(failures, intervalMs(), maxIntervalMs, chance), Math.min(asked, maxIntervalMs));
    timer = setTimeout(() => (isVisible() ? void turn() : report(null)), wait);
    report(Date.now() + wait);
  };

  const turn = async () => {
    isRunning = true;
    isAgainWanted = false;
    report(null);
    try {
      await run();
      failures = 0;
      error = null;
    } catch (cause) {
      failures += 1;
      error = cause;
    }
    isRunning = false;
    if (isAgainWanted && !isStopped) await turn();
    else schedule();
  };

  return {
    poke() {
      if (isStopped || !isVisible()) return;
      if (isRunning) {
        isAgainWanted = true;
        return;
      }
      clearTimeout(timer);
      void turn();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
