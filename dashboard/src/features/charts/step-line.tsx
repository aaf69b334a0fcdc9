import uPlot from "uplot";
import { Plot, type PlotOptions } from "./plot.tsx";
import type { ChartTheme } from "./theme.ts";

export interface StepLineProps {
  /** Each value holds until the next time. */
  moments: readonly number[];
  /** null: unknown, drawn as a gap. */
  values: readonly (number | null)[];
  formatTime: (at: number) => string;
  formatValue: (value: number) => string;
}

const LEAST_MS = 30_000;

/** A line chart of a number that changes in steps. */
export default function StepLine(props: StepLineProps) {
  const options = (theme: ChartTheme): PlotOptions => ({
    ms: 1,
    padding: [8, 24, 0, 0],
    cursor: { show: false },
    // A short history starts at the right, so that the axis does not rescale quickly.
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - LEAST_MS), max] },
      y: { range: (_, min, max) => rangeOf(min, max) },
    },
    axes: [
      {
        stroke: theme.muted,
        font: theme.font,
        size: 28,
        grid: { show: false },
        ticks: { show: false },
        space: 80,
        values: (_, splits) => splits.map((at) => props.formatTime(at)),
      },
      {
        stroke: theme.muted,
        font: theme.font,
        size: 48,
        grid: { stroke: theme.grid, width: 1 },
        ticks: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000],
        space: 28,
        values: (_, splits) => splits.map((value) => props.formatValue(value)),
      },
    ],
    series: [
      {},
      {
        stroke: theme.accent,
        width: 2,
        paths: uPlot.paths.stepped?.({ align: 1 }) ?? (() => null),
        points: { show: false },
      },
    ],
  });

  return <Plot options={options} data={[[...props.moments], [...props.values]]} />;
}

/** The range with padding, in whole numbers and never below zero. */
function rangeOf(min: number, max: number): [number, number] {
  const room = Math.max(1, Math.ceil((max - min) * 0.2));
  return [Math.max(0, min - room), max + room];
}
