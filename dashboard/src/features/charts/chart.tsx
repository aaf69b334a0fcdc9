import { ErrorBoundary, type JSX, lazy, Suspense } from "solid-js";
import "./charts.css";

/** Both in one chunk with the library, loaded when the first chart is shown. */
export const StackedBars = lazy(() => import("./stacked-bars.tsx"));
export const StepLine = lazy(() => import("./step-line.tsx"));

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
