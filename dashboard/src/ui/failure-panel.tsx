import type { Failure } from "../lib/failure.ts";

/** Nothing to show, and why. */
export function FailurePanel(props: { failure: Failure; onRetry: () => void }) {
  return (
    <section class="panel empty" role="alert">
      <h2>{props.failure.code === "unreachable" ? "The controller does not answer" : "This could not be loaded"}</h2>
      <p>
        {props.failure.code === "unreachable"
          ? "Check your connection. Nothing was changed; orchestrators go on working without the dashboard."
          : `${props.failure.message}. Nothing was changed.`}
      </p>
      <button class="button" type="button" onClick={() => props.onRetry()}>
        Try again
      </button>
    </section>
  );
}
