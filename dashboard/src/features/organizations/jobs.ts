import { createStore, produce } from "solid-js/store";
import { toFailure } from "../../lib/failure.ts";

/** So many requests of one job at a time: a bulk action must not crowd out what everybody else does. */
export const JOB_CONCURRENCY = 5;

export interface JobSpec {
  /** "Set independent". */
  title: string;
  /** What the items are: "organizations". */
  noun: string;
  ids: readonly string[];
  run: (id: string, signal: AbortSignal) => Promise<void>;
  /** After every round, retries included. `rest`: what was not tried. */
  onRound?: (outcome: { succeeded: readonly string[]; failed: number; rest: number }) => void;
}

export interface Job {
  key: number;
  title: string;
  noun: string;
  total: number;
  succeeded: number;
  failures: readonly { id: string; message: string }[];
  /** stopped: somebody ended it, or the session did. */
  state: "running" | "finished" | "stopped";
}

interface Round {
  spec: JobSpec;
  controller: AbortController;
  /** What was not tried yet. */
  queue: string[];
}

const [jobs, setJobs] = createStore<Job[]>([]);
const rounds = new Map<number, Round>();
let lastKey = 0;

/** Bulk actions under way and done, newest first. They live beside the pages, so that leaving one ends nothing. */
export { jobs };

export function startJob(spec: JobSpec): { key: number; finished: Promise<void> } {
  lastKey += 1;
  const key = lastKey;
  const { title, noun, ids } = spec;
  setJobs(
    produce((list) => {
      list.unshift({ key, title, noun, total: ids.length, succeeded: 0, failures: [], state: "running" });
    }),
  );
  return { key, finished: runRound(key, { spec, controller: new AbortController(), queue: [...ids] }) };
}

/** Once more for what failed or was not tried. */
export async function retryJob(key: number): Promise<void> {
  const job = jobs.find((known) => known.key === key);
  const last = rounds.get(key);
  if (!job || !last || job.state === "running") return;
  const queue = [...job.failures.map((failure) => failure.id), ...last.queue];
  change(key, { failures: [], state: "running" });
  await runRound(key, { spec: last.spec, controller: new AbortController(), queue });
}

/** What is on its way is finished; nothing else is begun. */
export function stopJob(key: number): void {
  rounds.get(key)?.controller.abort();
}

export function dismissJob(key: number): void {
  stopJob(key);
  rounds.delete(key);
  setJobs((list) => list.filter((job) => job.key !== key));
}

async function runRound(key: number, round: Round): Promise<void> {
  rounds.set(key, round);
  const { spec, controller, queue } = round;
  const succeeded: string[] = [];
  let failed = 0;
  const work = async () => {
    while (!controller.signal.aborted) {
      const id = queue.shift();
      if (id === undefined) return;
      try {
        await spec.run(id, controller.signal);
        succeeded.push(id);
        update(key, (job) => {
          job.succeeded += 1;
        });
      } catch (error) {
        const { code, message } = toFailure(error);
        failed += 1;
        update(key, (job) => {
          job.failures = [...job.failures, { id, message }];
        });
        // The others would be refused for the same reason; after a login they can be tried again.
        if (code === "unauthorized") controller.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(JOB_CONCURRENCY, queue.length) }, work));
  change(key, { state: queue.length > 0 ? "stopped" : "finished" });
  spec.onRound?.({ succeeded, failed, rest: queue.length });
}

function update(key: number, mutate: (job: Job) => void): void {
  setJobs((job) => job.key === key, produce(mutate));
}

function change(key: number, part: Partial<Job>): void {
  setJobs((job) => job.key === key, part);
}
