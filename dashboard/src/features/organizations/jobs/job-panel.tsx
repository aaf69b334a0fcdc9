import { createEffect, createSignal, For, onCleanup, Show } from "solid-js";
import { render } from "solid-js/web";
import { now } from "../../../lib/clock.ts";
import { formatCount, plural } from "../../../lib/numbers.ts";
import { announce } from "../../../ui/announce.ts";
import { Cross } from "../../../ui/icons.tsx";
import { user } from "../../session/session.ts";
import { dismissJob, type Job, jobs, retryJob, stopJob } from "./jobs.ts";
import "./jobs.css";

/** The maximum number of listed failures; a retry includes all of them. */
const FAILURES_SHOWN = 100;

let isMounted = false;

/** Shows the jobs on every page, until the last one is closed or the session ends. */
export function showJobs(): void {
  if (isMounted) return;
  isMounted = true;
  const place = document.createElement("div");
  document.body.append(place);
  const dispose = render(() => {
    // Jobs run in this page, so closing it would drop the calls that have not started.
    createEffect(() => {
      if (!jobs.some(({ state }) => state === "running")) return;
      window.addEventListener("beforeunload", askToStay);
      onCleanup(() => window.removeEventListener("beforeunload", askToStay));
    });
    createEffect(() => {
      if (user() === null) for (const { key } of [...jobs]) dismissJob(key);
      if (jobs.length > 0) return;
      queueMicrotask(() => {
        dispose();
        place.remove();
        isMounted = false;
      });
    });
    return <JobPanel />;
  }, place);
}

function askToStay(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function JobPanel() {
  return (
    <section class="jobs" aria-label="Bulk actions">
      <For each={jobs}>{(job) => <JobCard job={job} />}</For>
    </section>
  );
}

function JobCard(props: { job: Job }) {
  const [isListOpen, setListOpen] = createSignal(false);
  const done = () => props.job.succeeded + props.job.failures.length;
  const rest = () => props.job.total - props.job.succeeded;
  const isRunning = () => props.job.state === "running";
  const summary = () => {
    const { state, succeeded, total, noun, failures } = props.job;
    if (state === "running") return `${formatCount(done())} of ${formatCount(total)}`;
    const failed = failures.length > 0 ? `, ${formatCount(failures.length)} failed` : "";
    return `${state === "stopped" ? "Stopped" : "Done"}: ${formatCount(succeeded)} of ${plural(total, noun)}${failed}`;
  };
  const waitingSec = (until: number) => Math.max(1, Math.ceil((until - now()) / 1000));
  createEffect(() => {
    if (!isRunning()) announce(`${props.job.title}: ${summary()}`, { isUrgent: true });
  });

  return (
    <article class="panel job" aria-label={props.job.title} data-state={props.job.state}>
      <header>
        <h2>{props.job.title}</h2>
        <Show when={!isRunning()}>
          <button
            class="icon-button"
            type="button"
            aria-label={`Close ${props.job.title}`}
            onClick={() => dismissJob(props.job.key)}
          >
            <Cross />
          </button>
        </Show>
      </header>
      <progress max={props.job.total} value={done()} aria-label={`${props.job.title}: progress`} />
      <p class="number">{summary()}</p>
      <Show when={isRunning() && props.job.waits}>
        {(waits) => (
          <p class="muted" role="status">
            Waiting <span aria-hidden="true">{waitingSec(waits().until)} s</span>: {waits().reason}
          </p>
        )}
      </Show>
      <Show when={props.job.failures.length > 0}>
        <button class="link" type="button" aria-expanded={isListOpen()} onClick={() => setListOpen(!isListOpen())}>
          {plural(props.job.failures.length, "failure")}
        </button>
        <Show when={isListOpen()}>
          <ul class="job-failures" tabindex="0" aria-label={`Failures of ${props.job.title}`}>
            <For each={props.job.failures.slice(0, FAILURES_SHOWN)}>
              {(failure) => (
                <li>
                  <code>{failure.id}</code> {failure.message}
                </li>
              )}
            </For>
            <Show when={props.job.failures.length > FAILURES_SHOWN}>
              <li class="muted">and {formatCount(props.job.failures.length - FAILURES_SHOWN)} more</li>
            </Show>
          </ul>
        </Show>
      </Show>
      <div class="job-actions">
        <Show when={isRunning()}>
          <button class="button" type="button" onClick={() => stopJob(props.job.key)}>
            Stop
          </button>
        </Show>
        <Show when={!isRunning() && rest() > 0}>
          <button class="button" type="button" onClick={() => void retryJob(props.job.key)}>
            {props.job.state === "stopped" ? `Continue with ${formatCount(rest())}` : `Retry ${formatCount(rest())}`}
          </button>
        </Show>
      </div>
    </article>
  );
}
