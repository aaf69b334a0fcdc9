import { useLocation } from "@solidjs/router";
import { createEffect, ErrorBoundary, type JSX, on, Suspense } from "solid-js";

/** Keeps the shell when a page throws, or when its code is gone after a deployment. */
export function PageBoundary(props: { children: JSX.Element }) {
  const location = useLocation();
  return (
    <ErrorBoundary
      fallback={(error, reset) => {
        console.error(error);
        createEffect(on(() => location.pathname, reset, { defer: true }));
        return (
          <section class="panel empty" role="alert">
            <h1>Something went wrong</h1>
            <p>
              The page could not be loaded. There may be a newer version of the dashboard, or the controller is not
              responding.
            </p>
            <button class="button" type="button" onClick={() => globalThis.location.reload()}>
              Reload
            </button>
          </section>
        );
      }}
    >
      <Suspense>{props.children}</Suspense>
    </ErrorBoundary>
  );
}
