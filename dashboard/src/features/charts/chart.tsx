import { type Component, ErrorBoundary, type JSX, lazy, Suspense } from "solid-js";
import { fixLanguage } from "../../lib/locale.ts";
import "./charts.css";

/** Both charts share a chunk with the library, which is loaded with the first chart. */
export const StackedBars = lazyChart(() => import("./stacked-bars.tsx"));
export const StepLine = lazyChart(() => import("./step-line.tsx"));

/** The library reads the browser's language as soon as it is loaded. */
function lazyChart<P extends object>(load: () => Promise<{ default: Component<P> }>) {
  return lazy(() => {
    fixLanguage(navigator);
    return load();
  });
}

/** Reserves the space of a chart while it loads, and keeps the page if it fails, because the numbers are shown elsewhere too. */
export function ChartPlace(props: { size: "small" | "large"; instead: string; children: JSX.Element }) {
  return (
    <div class="chart-place" data-size={props.size}>
      <ErrorBoundary fallback={<p class="muted">Could not draw the chart. {props.instead}</p>}>
        <Suspense>{props.children}</Suspense>
      </ErrorBoundary>
    </div>
  );
}
