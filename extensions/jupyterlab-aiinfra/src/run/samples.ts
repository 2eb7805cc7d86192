import type { Samples } from '../api/schema';
import { linear, type IScale } from '../common/scale';

/** One thing over time. */
export interface ISeries {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What is drawn together: the same unit, from 0 on. */
export interface IChart {
  readonly title: string;
  readonly unit: 'percent' | 'bytes';
  readonly series: readonly ISeries[];
}

export interface ITitles {
  readonly cpu: string;
  readonly memory: string;
  readonly gpu: string;
  readonly gpuMemory: string;
}

/** The charts of a step: those of GPUs only where there are some. */
export function charts(samples: Samples, titles: ITitles): IChart[] {
  const gpu = (of: (gpu: Samples['gpus'][number]) => readonly (number | null)[]): ISeries[] =>
    samples.gpus.map(each => ({ name: each.name, values: of(each) }));
  const all: IChart[] = [
    { title: titles.cpu, unit: 'percent', series: [{ name: titles.cpu, values: samples.cpu_percent }] },
    { title: titles.memory, unit: 'bytes', series: [{ name: titles.memory, values: samples.memory_bytes }] },
    { title: titles.gpu, unit: 'percent', series: gpu(each => each.percent) },
    { title: titles.gpuMemory, unit: 'bytes', series: gpu(each => each.memory_bytes) }
  ];
  return all.filter(chart => chart.series.some(series => series.values.some(value => value !== null)));
}

export const highest = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

/** The mean of what was told. */
export function mean(values: readonly (number | null)[]): number | null {
  const told = values.filter(value => value !== null);
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0) / told.length;
}

/** From 0 to a round number above all values. Bytes are round in their own unit. */
export function upright(chart: IChart, low: number, high: number): IScale {
  const most = Math.max(
    ...chart.series.map(series => highest(series.values)),
    chart.unit === 'percent' ? 100 : 1
  );
  const unit = chart.unit === 'bytes' ? 1024 ** Math.max(0, Math.floor(Math.log(most) / Math.log(1024))) : 1;
  const scale = linear(0, most / unit, low, high);
  return { ...scale, place: value => scale.place(value / unit), ticks: scale.ticks.map(tick => tick * unit) };
}

/** The points of a line as SVG draws it; a value that is missing is a gap. */
export function line(
  times: readonly number[],
  values: readonly (number | null)[],
  x: (time: number) => number,
  y: (value: number) => number
): string {
  let pen = 'M';
  const parts: string[] = [];
  times.forEach((time, at) => {
    const value = values[at] ?? null;
    if (value === null) {
      pen = 'M';
    } else {
      parts.push(`${pen}${x(time).toFixed(1)} ${y(value).toFixed(1)}`);
      pen = 'L';
    }
  });
  return parts.join('');
}
