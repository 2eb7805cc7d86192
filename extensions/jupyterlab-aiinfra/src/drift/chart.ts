import type { DriftReport } from '../api/schema';
import { linear } from '../common/scale';

export const CHART = { width: 720, height: 200, left: 48, right: 700, top: 14, bottom: 168 } as const;

export interface IChartPoint {
  readonly report: DriftReport;
  readonly x: number;
  readonly y: number;
}

export interface IChart {
  readonly points: readonly IChartPoint[];
  readonly path: string;
  /** Shares, with their height. */
  readonly levels: readonly { readonly y: number; readonly share: number }[];
  /** The first and the last time, with their place; one where there is only one. */
  readonly times: readonly { readonly x: number; readonly time: number }[];
}

const MARGIN = 10;

/** The share of drifted columns over time. */
export function chart(reports: readonly DriftReport[]): IChart {
  const [first, last] = [reports[0]?.time ?? 0, reports.at(-1)?.time ?? 0];
  const [start, end] = [CHART.left + MARGIN, CHART.right - MARGIN];
  const across = last > first ? linear(first, last, start, end).place : (): number => (start + end) / 2;
  const up = linear(0, 1, CHART.bottom, CHART.top);
  const points = reports.map(report => ({ report, x: across(report.time), y: up.place(report.share) }));
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  const times = last > first ? [first, last] : reports.length > 0 ? [first] : [];
  return {
    points,
    path,
    levels: [0, 0.5, 1].map(share => ({ share, y: up.place(share) })),
    times: times.map(time => ({ time, x: across(time) }))
  };
}

/** The shape of a report's point: a triangle has drifted, a circle hasn't. */
export const triangle = (x: number, y: number, size: number): string =>
  `M${x} ${y - size}L${x + size} ${y + size * 0.8}L${x - size} ${y + size * 0.8}Z`;
