import type { Failure } from "../lib/failure.ts";

/** Explains why there is nothing to show. */
export function FailurePanel(props: { failure: Failure; onRetry: () => void }) {
  return (
    <section class="panel empty" role="alert">
      <h2>{props.failure.code === "unreachable" ? "The controller is not responding" : "Could not load this page"}</h2>
      <p>
        {props.failure.code === "unreachable"
          ? "Check your connection and try again. Orchestrators keep working without the dashboard."
          : `${props.failure.message}.`}
      </p>
      <button class="button" type="button" onClick={() => props.onRetry()}>
        Try again
      </button>
    </section>
  );
}
