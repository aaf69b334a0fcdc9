import uPlot from "uplot";
import { PATTERNS, TILE_PX } from "./looks.ts";
import { Plot, type PlotOptions } from "./plot.tsx";
import { strideOf } from "./scale.ts";
import type { ChartTheme } from "./theme.ts";

export interface StackedBarsProps {
  /** From the bottom up; the values are the heights of the parts, not their tops. */
  series: readonly { look: number; values: readonly number[] }[];
  /** Labels under the axis. */
  labels: readonly string[];
  /** Allowed steps between labels, smallest first. */
  strides: readonly number[];
  formatValue: (value: number) => string;
  index: number | null;
  onIndex: (index: number | null) => void;
}

const LABEL_PX = 72;
const MOST_APART = 62;

export default function StackedBars(props: StackedBarsProps) {
  const data = (): uPlot.AlignedData => {
    const tops = toTops(props.series);
    return [props.labels.map((_, index) => index), ...tops.reverse()];
  };
  // The tallest first, so that each bar covers the rest of the one below.
  const looks = () => props.series.map(({ look }) => look).reverse();
  // Separators would hide bars of a pixel or two.
  const isDense = () => props.labels.length > MOST_APART;
  const options = (theme: ChartTheme): PlotOptions => ({
    padding: [8, 8, 0, 0],
    scales: {
      x: { time: false, range: () => [-0.5, props.labels.length - 0.5] },
      y: { range: (_, _min, max) => [0, max > 0 ? uPlot.rangeNum(0, max, 0.1, true)[1] : 1] },
    },
    axes: [
      {
        stroke: theme.muted,
        font: theme.font,
        size: 28,
        grid: { show: false },
        ticks: { show: false },
        splits: (plot) => {
          const stride = strideOf(props.labels.length, plot.width, LABEL_PX, props.strides);
          return props.labels.flatMap((_, index) => (index % stride === 0 ? index : []));
        },
        values: (_, splits) => splits.map((index) => props.labels[index] ?? ""),
      },
      {
        stroke: theme.muted,
        font: theme.font,
        size: 64,
        grid: { stroke: theme.grid, width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map((value) => props.formatValue(value)),
      },
    ],
    series: [
      {},
      ...looks().map(
        (look): uPlot.Series => ({
          paths: uPlot.paths.bars?.({ size: [isDense() ? 1 : 0.76, 56] }) ?? (() => null),
          points: { show: false },
          fill: (plot) => tileOf(plot.ctx, look, theme),
          stroke: theme.surface,
          width: isDense() ? 0 : 1,
        }),
      ),
    ],
  });

  return <Plot options={options} data={data()} index={props.index} onIndex={(index) => props.onIndex(index)} />;
}

/** An empty part has no top, which would draw a line across the bar below. */
function toTops(series: StackedBarsProps["series"]): (number | null)[][] {
  let below: number[] = [];
  return series.map(({ values }) => {
    below = values.map((value, index) => value + (below[index] ?? 0));
    return below.map((top, index) => (values[index] === 0 ? null : top));
  });
}

function tileOf(ctx: CanvasRenderingContext2D, look: number, theme: ChartTheme): CanvasPattern | string {
  const colour = theme.series[look] ?? theme.accent;
  const lines = PATTERNS[look];
  if (!lines) return colour;
  const ratio = uPlot.pxRatio;
  const tile = document.createElement("canvas");
  tile.width = tile.height = Math.round(TILE_PX * ratio);
  const brush = tile.getContext("2d");
  if (!brush) return colour;
  brush.fillStyle = colour;
  brush.fillRect(0, 0, tile.width, tile.height);
  brush.scale(tile.width / TILE_PX, tile.width / TILE_PX);
  brush.strokeStyle = theme.surface;
  brush.lineWidth = 1;
  brush.stroke(new Path2D(lines));
  return ctx.createPattern(tile, "repeat") ?? colour;
}
