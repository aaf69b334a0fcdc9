import { createStore, produce } from "solid-js/store";
import { type Failure, putOff, toFailure } from "../../../lib/failure.ts";
import { Pace, pause } from "../../../lib/pace.ts";

/** So many requests of one job at a time: a bulk action must not crowd out what everybody else does. */
export const JOB_CONCURRENCY = 5;
/** After so long in which nothing succeeded, what is put off once more counts as failed. */
const GIVE_UP_MS = 15 * 60_000;

/** Every call of every job waits for its turn here: the limit of the controller is that of the person. */
export const jobPace = new Pace();

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
  /** When it goes on by itself, and what holds it up until then. */
  waits: Waiting | null;
  /** stopped: somebody ended it, or the session did. */
  state: "running" | "finished" | "stopped";
}

interface Waiting {
  until: number;
  reason: string;
}

interface Round {
  spec: JobSpec;
  controller: AbortController;
  /** What was not tried yet. */
  queue: string[];
  succeeded: string[];
  /** When something succeeded last, or the round began. */
  progressAt: number;
}

const [jobs, setJobs] = createStore<Job[]>([]);
const rounds = new Map<number, Round>();
let lastKey = 0;
/** Until then no job asks anything. */
let hold: Waiting | null = null;

/** Bulk actions under way and done, newest first. They live beside the pages, so that leaving one ends nothing. */
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

/** Once more for what failed or was not tried. */
export async function retryJob(key: number): Promise<void> {
  const job = jobs.find((known) => known.key === key);
  const last = rounds.get(key);
  if (!job || !last || job.state === "running") return;
  const queue = [...job.failures.map((failure) => failure.id), ...last.queue];
  change(key, { failures: [], state: "running" });
  await runRound(key, newRound(last.spec, queue));
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

function newRound(spec: JobSpec, queue: string[]): Round {
  return { spec, controller: new AbortController(), queue, succeeded: [], progressAt: Date.now() };
}

/** Holds every job up as long as the controller asks; true: the item comes again, after the others. */
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
        // The others would be refused for the same reason; after a login they can be tried again.
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
