import { createStore, produce } from "solid-js/store";
import { type Failure, putOff, toFailure } from "../../../lib/failure.ts";
import { Pace, pause } from "../../../lib/pace.ts";

/** The maximum number of parallel requests per job, so that bulk actions leave room for other requests. */
export const JOB_CONCURRENCY = 5;
/** After this time without a success, postponed items count as failed. */
const GIVE_UP_MS = 15 * 60_000;

/** Limits the calls of all jobs together, because the controller's rate limit is per user. */
export const jobPace = new Pace();

export interface JobSpec {
  /** "Set independent". */
  title: string;
  /** The noun for the items: "organizations". */
  noun: string;
  ids: readonly string[];
  run: (id: string, signal: AbortSignal) => Promise<void>;
  /** Called after every round, including retries. `rest`: the number of items not tried. */
  onRound?: (outcome: { succeeded: readonly string[]; failed: number; rest: number }) => void;
}

export interface Job {
  key: number;
  title: string;
  noun: string;
  total: number;
  succeeded: number;
  failures: readonly { id: string; message: string }[];
  /** The reason for a pause, and when the job continues. */
  waits: Waiting | null;
  /** stopped: by the user, or because the session ended. */
  state: "running" | "finished" | "stopped";
}

interface Waiting {
  until: number;
  reason: string;
}

interface Round {
  spec: JobSpec;
  controller: AbortController;
  /** The items not tried yet. */
  queue: string[];
  succeeded: string[];
  /** When an item last succeeded, or the round started. */
  progressAt: number;
}

const [jobs, setJobs] = createStore<Job[]>([]);
const rounds = new Map<number, Round>();
let lastKey = 0;
/** Pauses all jobs. */
let hold: Waiting | null = null;

/** Running and finished bulk actions, newest first. They are independent of the open page. */
export { jobs };

export function startJob(spec: JobSpec): { key: number; finished: Promise<void> } {
  lastKey += 1;
  const key = lastKey;
  const { title, noun, ids } = spec;
  setJobs(
    produce((list) => {
      list.unshift({ key, title, noun, total: ids.length, succeeded: 0, failures: [], waits: null, state: "running" });
    }),
  );
  return { key, finished: runRound(key, newRound(spec, [...ids])) };
}

/** Retries the items that failed or were not tried. */
export async function retryJob(key: number): Promise<void> {
  const job = jobs.find((known) => known.key === key);
  const last = rounds.get(key);
  if (!job || !last || job.state === "running") return;
  const queue = [...job.failures.map((failure) => failure.id), ...last.queue];
  change(key, { failures: [], state: "running" });
  await runRound(key, newRound(last.spec, queue));
}

/** Completes calls in progress and starts no others. */
export function stopJob(key: number): void {
  rounds.get(key)?.controller.abort();
}

export function dismissJob(key: number): void {
  stopJob(key);
  rounds.delete(key);
  setJobs((list) => list.filter((job) => job.key !== key));
}

function newRound(spec: JobSpec, queue: string[]): Round {
  return { spec, controller: new AbortController(), queue, succeeded: [], progressAt: Date.now() };
}

/** Pauses all jobs if the controller asks for it; true: the item is queued again. */
function isPutOff(round: Round, id: string, failure: Failure): boolean {
  const wait = putOff(failure);
  if (!wait || Date.now() - round.progressAt > GIVE_UP_MS) return false;
  round.queue.push(id);
  const until = Date.now() + wait.waitMs;
  if (!hold || Date.now() >= hold.until) jobPace.refused();
  if (!hold || until > hold.until) hold = { until, reason: wait.reason };
  return true;
}

async function runRound(key: number, round: Round): Promise<void> {
  rounds.set(key, round);
  const { spec, controller, queue, succeeded } = round;
  let failed = 0;
  const work = async () => {
    while (!controller.signal.aborted) {
      if (hold && Date.now() < hold.until) {
        change(key, { waits: { ...hold } });
        await pause(hold.until - Date.now(), controller.signal);
        continue;
      }
      const id = queue.shift();
      if (id === undefined) return;
      change(key, { waits: null });
      try {
        await spec.run(id, controller.signal);
        succeeded.push(id);
        round.progressAt = Date.now();
        update(key, (job) => {
          job.succeeded += 1;
        });
      } catch (error) {
        const failure = toFailure(error);
        const { code, message } = failure;
        if (isPutOff(round, id, failure)) continue;
        failed += 1;
        update(key, (job) => {
          job.failures = [...job.failures, { id, message }];
        });
        // All other calls would fail too; the user can retry after a login.
        if (code === "unauthorized") controller.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(JOB_CONCURRENCY, queue.length) }, work));
  change(key, { state: queue.length > 0 ? "stopped" : "finished", waits: null });
  spec.onRound?.({ succeeded, failed, rest: queue.length });
}

function update(key: number, mutate: (job: Job) => void): void {
  setJobs((job) => job.key === key, produce(mutate));
}

function change(key: number, part: Partial<Job>): void {
  setJobs((job) => job.key === key, part);
}
