import { createEffect, createSignal, on, onCleanup, onMount, untrack } from "solid-js";
import uPlot from "uplot";
import { type ChartTheme, onThemeChange, readTheme } from "./theme.ts";

export type PlotOptions = Omit<uPlot.Options, "width" | "height">;

interface PlotProps {
  /** Called again whenever its inputs or the theme change. */
  options: (theme: ChartTheme) => PlotOptions;
  data: uPlot.AlignedData;
  /** The highlighted point. */
  index?: number | null;
  onIndex?: (index: number | null) => void;
}

/** A canvas that fills its parent. Only lazy chunks may import this, because it includes the whole library. */
export function Plot(props: PlotProps) {
  const [size, setSize] = createSignal<{ width: number; height: number } | null>(null, {
    equals: (left, right) => left?.width === right?.width && left?.height === right?.height,
  });
  const [themes, setThemes] = createSignal(0);
  let host: HTMLDivElement | undefined;
  let plot: uPlot | undefined;

  onThemeChange(() => setThemes((count) => count + 1));
  onMount(() => {
    if (!host) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      if (width > 0 && height > 0) setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(host);
    onCleanup(() => observer.disconnect());
  });

  createEffect(() => {
    const box = size();
    themes();
    if (!host || !box) return;
    const options = props.options(readTheme(host));
    const drawn = new uPlot(
      {
        ...options,
        ...box,
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, ...options.cursor },
        hooks: { setCursor: [(own) => props.onIndex?.(own.cursor.idx ?? null)] },
      },
      untrack(() => props.data),
      host,
    );
    plot = drawn;
    onCleanup(() => drawn.destroy());
  });
  createEffect(
    on(
      () => props.data,
      // A different number of series recreates the plot anyway.
      (data) => data.length === plot?.series.length && plot.setData(data),
      { defer: true },
    ),
  );
  // For the keyboard; with a mouse the cursor is already there.
  createEffect(
    on(
      () => props.index,
      (index) => {
        if (!plot || index == null || index === plot.cursor.idx) return;
        plot.setCursor({ left: plot.valToPos(plot.data[0][index] ?? 0, "x"), top: 0 }, false);
      },
    ),
  );

  return <div ref={host} class="plot" aria-hidden="true" />;
}
