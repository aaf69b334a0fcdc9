export interface PollerOptions {
  run: () => Promise<void>;
  intervalMs: () => number;
  maxIntervalMs: number;
  isVisible: () => boolean;
  random?: () => number;
}

export interface Poller {
  /** Runs at once, or once more after a run in progress. */
  poke(): void;
  stop(): void;
}

/** Doubles with every failure, with up to 20% jitter so that many pages do not retry in step. */
export function delayAfter(failures: number, intervalMs: number, maxIntervalMs: number, chance: number): number {
  if (failures === 0) return intervalMs;
  return Math.min(intervalMs * 2 ** failures, maxIntervalMs) * (0.8 + 0.2 * chance);
}

/** Repeats `run` while the page is visible: never two at a time, with backoff while it fails. */
export function createPoller(options: PollerOptions): Poller {
  const { run, intervalMs, maxIntervalMs, isVisible } = options;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isRunning = false;
  let isAgainWanted = false;
  let isStopped = false;

  const schedule = () => {
    if (isStopped || !isVisible()) return;
    const wait = delayAfter(failures, intervalMs(), maxIntervalMs, (options.random ?? Math.random)());
    timer = setTimeout(() => isVisible() && void turn(), wait);
  };

  const turn = async () => {
    isRunning = true;
    isAgainWanted = false;
    try {
      await run();
      failures = 0;
    } catch {
      failures += 1;
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
