import { type Component, ErrorBoundary, type JSX, lazy, Suspense } from "solid-js";
import { mendLanguage } from "../../lib/locale.ts";
import "./charts.css";

/** Both in one chunk with the library, loaded when the first chart is shown. */
export const StackedBars = lazyChart(() => import("./stacked-bars.tsx"));
export const StepLine = lazyChart(() => import("./step-line.tsx"));

/** The library asks `Intl` for the language of the browser as soon as it is there. */
function lazyChart<P extends object>(load: () => Promise<{ default: Component<P> }>) {
  return lazy(() => {
    mendLanguage(navigator);
    return load();
  });
}

/** Keeps the place of a chart while it loads, and the page when it fails: its numbers stand elsewhere as well. */
export function ChartPlace(props: { size: "small" | "large"; instead: string; children: JSX.Element }) {
  return (
    <div class="chart-place" data-size={props.size}>
      <ErrorBoundary fallback={<p class="muted">The chart could not be drawn. {props.instead}</p>}>
        <Suspense>{props.children}</Suspense>
      </ErrorBoundary>
    </div>
  );
}
