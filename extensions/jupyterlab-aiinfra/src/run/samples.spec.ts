import { describe, expect, it } from 'vitest';

import type { Samples } from '../api/schema';
import { charts, highest, line, mean, upright } from './samples';

const titles = { cpu: 'CPU', memory: 'Memory', gpu: 'GPU', gpuMemory: 'GPU memory' };
const samples: Samples = {
  times: [100, 102, 104],
  cpu_percent: [50, null, 150],
  memory_bytes: [1024 ** 3, 2 * 1024 ** 3, null],
  gpus: []
};

describe('resources over time', () => {
  it('has charts of what was measured, and no empty ones', () => {
    expect(charts(samples, titles).map(chart => chart.title)).toEqual(['CPU', 'Memory']);
    const gpus = [{ name: 'A100', percent: [1, 2, 3], memory_bytes: [null, null, null] }];
    expect(charts({ ...samples, gpus }, titles).map(chart => chart.title)).toEqual(['CPU', 'Memory', 'GPU']);
    expect(charts({ times: [], cpu_percent: [], memory_bytes: [], gpus: [] }, titles)).toEqual([]);
  });

  it('goes from 0 to above the highest value; percent at least to 100', () => {
    const [cpu, memory] = charts(samples, titles);
    expect(cpu && upright(cpu, 100, 0).place(150)).toBe(0);
    expect(cpu && upright({ ...cpu, series: [{ name: '', values: [5] }] }, 100, 0).place(5)).toBe(95);
    expect(memory && upright(memory, 100, 0).ticks).toEqual([0, 0.5, 1, 1.5, 2].map(gib => gib * 1024 ** 3));
  });

  it('draws a gap where nothing was measured', () => {
    const same = (value: number): number => value;
    expect(line(samples.times, [1, null, 3], same, same)).toBe('M100.0 1.0M104.0 3.0');
    expect(line(samples.times, [1, 2, 3], same, same)).toBe('M100.0 1.0L102.0 2.0L104.0 3.0');
  });

  it('knows the highest value and the mean of those that were measured', () => {
    expect([highest([1, null, 3]), mean([1, null, 3]), highest([]), mean([null])]).toEqual([3, 2, 0, null]);
  });
});
