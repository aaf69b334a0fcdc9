import { useLocation } from "@solidjs/router";
import { createEffect, ErrorBoundary, type JSX, on, Suspense } from "solid-js";

/** A page that breaks, or whose code cannot be loaded any more after a deploy, leaves the shell standing. */
export function PageBoundary(props: { children: JSX.Element }) {
  const location = useLocation();
  return (
    <ErrorBoundary
      fallback={(error, reset) => {
        console.error(error);
        createEffect(on(() => location.pathname, reset, { defer: true }));
        return (
          <section class="panel empty" role="alert">
            <h1>This page could not be shown</h1>
            <p>
              There may be a newer version of the dashboard, or the controller does not answer. Nothing was changed.
            </p>
            <button class="button" type="button" onClick={() => globalThis.location.reload()}>
              Load it again
            </button>
          </section>
        );
      }}
    >
      <Suspense>{props.children}</Suspense>
    </ErrorBoundary>
  );
}
