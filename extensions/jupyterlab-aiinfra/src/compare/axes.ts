import type { Comparison } from '../api/schema';
import { scaleOf } from '../common/scale';
import { shown } from './value';

/** A parameter or metric along which runs can be placed. */
export interface IAxis {
  /** Unlike the name, its own: a parameter and a metric may share a name. */
  readonly key: string;
  readonly name: string;
  readonly group: 'parameters' | 'metrics';
  /** For each run; null where there is none, or none that could be placed (not a number). */
  readonly values: readonly (number | string | null)[];
  readonly numeric: boolean;
}

/** A mark on an axis. */
export interface ITick {
  readonly at: number;
  readonly text: string;
}

export interface IPlacedAxis {
  readonly axis: IAxis;
  readonly place: (value: number | string) => number;
  readonly ticks: readonly ITick[];
  readonly log: boolean;
}

/** Numbers that JSON can't write come as text. */
const NOT_FINITE: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

function axisOf(group: IAxis['group'], name: string, values: readonly unknown[]): IAxis {
  const there = values.filter(value => value !== null && !NOT_FINITE.includes(value));
  const numeric = there.length > 0 && there.every(value => typeof value === 'number');
  return {
    key: `${group}.${name}`,
    name,
    group,
    numeric,
    values: values.map(value =>
      numeric ? (typeof value === 'number' ? value : null) : (shown(name, value)?.text ?? null)
    )
  };
}

/** What can be an axis: parameters and metrics that differ between the runs. */
export const axesOf = (comparison: Comparison): IAxis[] =>
  comparison.groups.flatMap(({ name, rows }) =>
    name === 'parameters' || name === 'metrics'
      ? rows.filter(row => row.differs).map(row => axisOf(name, row.name, row.values))
      : []
  );

/** Are these runs that can be plotted against each other: three or more of one notebook or pipeline? */
export const isSweep = ({ runs }: Comparison): boolean =>
  runs.length >= 3 && runs.every(run => run.source === runs[0]?.source);

/** The metric that the runs themselves name as theirs, or else the first. */
export function mainMetric(axes: readonly IAxis[], comparison: Comparison): IAxis | undefined {
  const metrics = axes.filter(axis => axis.group === 'metrics' && axis.numeric);
  const key = comparison.runs.find(run => run.key_metric)?.key_metric;
  return metrics.find(axis => axis.name === key || axis.name.endsWith(`.${key ?? ''}`)) ?? metrics[0];
}

/** An axis on a line from `start` to `end`; names are spread evenly, away from its ends. */
export function placed(axis: IAxis, start: number, end: number): IPlacedAxis {
  const there = axis.values.filter(value => value !== null);
  if (axis.numeric) {
    const scale = scaleOf(there.map(Number), start, end);
    const ticks = scale.ticks.map(tick => ({ at: scale.place(tick), text: String(tick) }));
    return { axis, place: value => scale.place(Number(value)), ticks, log: scale.log };
  }
  const names = [...new Set(there)].sort();
  const place = (value: number | string): number =>
    start + ((names.indexOf(value) + 0.5) / names.length) * (end - start);
  return { axis, place, ticks: names.map(name => ({ at: place(name), text: String(name) })), log: false };
}
