import { placed, type IAxis, type IPlacedAxis } from './axes';

export interface IBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A run in a plot; `run` is its place among the compared. */
export interface IPoint {
  readonly run: number;
  readonly x: number;
  readonly y: number;
}

export interface IScatter {
  readonly x: IPlacedAxis;
  readonly y: IPlacedAxis;
  readonly points: readonly IPoint[];
  /** How many runs lack one of the two values. */
  readonly leftOut: number;
}

/** One value against another, a point a run, from left to right. */
export function scatter(xAxis: IAxis, yAxis: IAxis, box: IBox): IScatter {
  const [x, y] = [placed(xAxis, box.left, box.right), placed(yAxis, box.bottom, box.top)];
  const points = xAxis.values.flatMap((value, run) => {
    const other = yAxis.values[run] ?? null;
    return value === null || other === null ? [] : [{ run, x: x.place(value), y: y.place(other) }];
  });
  points.sort((a, b) => a.x - b.x || a.y - b.y);
  return { x, y, points, leftOut: xAxis.values.length - points.length };
}

export interface ILine {
  readonly run: number;
  /** An SVG path; interrupted where there is no value. */
  readonly path: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface IParallel {
  readonly axes: readonly (IPlacedAxis & { readonly x: number })[];
  readonly lines: readonly ILine[];
  /** How many runs lack every value. */
  readonly leftOut: number;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function pathOf(points: readonly ({ x: number; y: number } | null)[]): string {
  return points
    .map((point, i) => (point ? `${points[i - 1] ? 'L' : 'M'}${round(point.x)} ${round(point.y)}` : ''))
    .join('');
}

/** An upright axis for each parameter and metric, and a line for each run through them. */
export function parallel(axes: readonly IAxis[], box: IBox): IParallel {
  const gap = axes.length > 1 ? (box.right - box.left) / (axes.length - 1) : 0;
  const upright = axes.map((axis, i) => ({
    ...placed(axis, box.bottom, box.top),
    x: axes.length > 1 ? box.left + i * gap : (box.left + box.right) / 2
  }));
  const count = axes[0]?.values.length ?? 0;
  const lines = Array.from({ length: count }, (_, run) => {
    const points = upright.map(({ axis, place, x }) => {
      const value = axis.values[run] ?? null;
      return value === null ? null : { x, y: place(value) };
    });
    return { run, path: pathOf(points), points: points.filter(point => point !== null) };
  }).filter(line => line.points.length > 0);
  return { axes: upright, lines, leftOut: count - lines.length };
}
