import { Signal } from '@lumino/signaling';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ProblemError } from '../api/problem';
import type { Change, Comparison } from '../api/schema';
import type { ILive, LiveState } from '../core/tokens';
import { axesOf, isSweep, mainMetric, placed, type IAxis } from './axes';
import { fakeRun, sweep } from './fixture';
import { fold, groupLabel } from './groups';
import { CompareModel } from './model';
import { parallel, scatter, type IBox } from './plot';
import { nameOf, shown } from './value';

const box: IBox = { left: 0, right: 300, top: 0, bottom: 100 };

describe('a value', () => {
  it('is short where it is long, and whole in its title', () => {
    expect(shown('auc', 0.123456)).toEqual({ text: '0.1235', title: '0.123456' });
    expect(shown('month', 3)).toEqual({ text: '3' });
    const md5 = '0123456789abcdef0123456789abcdef';
    expect(shown('flights', md5)).toEqual({ text: '01234567', title: md5 });
    expect(shown('query', 'x'.repeat(500))).toEqual({ text: `${'x'.repeat(120)}…`, title: 'x'.repeat(500) });
  });

  it('has its unit where its name has one', () => {
    expect(shown('memory bytes', 2 * 1024 ** 3)).toEqual({ text: '2.0 GiB', title: '2147483648' });
    expect(nameOf('memory bytes')).toBe('memory');
    expect(nameOf('month')).toBe('month');
  });

  it('is read as JSON when it is no text, and is nothing when it is not there', () => {
    expect(shown('hidden', [64, 64])).toEqual({ text: '[64,64]' });
    expect(shown('shuffle', false)).toEqual({ text: 'false' });
    expect(shown('holdout', null)).toBeNull();
    expect(shown('empty', '')).toEqual({ text: '' });
  });
});

describe('a group', () => {
  it('has what differs apart from what can be folded away', () => {
    const [parameters] = sweep.groups.map(fold);
    expect(parameters?.different.map(row => row.name)).toEqual(['rate', 'optimizer']);
    expect(parameters?.equal.map(row => row.name)).toEqual(['month']);
    expect(sweep.groups.map(({ name }) => groupLabel(name, nullTranslator.load('aiinfra')))).toEqual([
      'Parameters',
      'Data',
      'Code',
      'Environment',
      'Metrics'
    ]);
  });
});

describe('axes', () => {
  const axes = axesOf(sweep);
  const named = (key: string): IAxis => {
    const found = axes.find(axis => axis.key === key);
    expect(found).toBeDefined();
    return found ?? { key, name: key, group: 'metrics', numeric: false, values: [] };
  };

  it('are the parameters and metrics that differ', () => {
    expect(axes.map(axis => axis.key)).toEqual([
      'parameters.rate',
      'parameters.optimizer',
      'metrics.loss',
      'metrics.train.auc'
    ]);
    expect(axes.map(axis => axis.numeric)).toEqual([true, false, true, true]);
  });

  it('place numbers by their size, and names side by side', () => {
    const rate = placed(named('parameters.rate'), 0, 300);
    expect([rate.log, rate.place(0.001), rate.place(1)]).toEqual([true, 0, 300]);
    const optimizer = placed(named('parameters.optimizer'), 0, 300);
    expect(optimizer.ticks).toEqual([
      { at: 75, text: 'adam' },
      { at: 225, text: 'sgd' }
    ]);
  });

  it('have no place for what is no number', () => {
    expect(named('metrics.loss').values).toEqual([3, 2, null, null]);
  });

  it('begin with the metric that the runs name as theirs', () => {
    expect(mainMetric(axes, sweep)?.name).toBe('train.auc');
    const unnamed = { ...sweep, runs: sweep.runs.map(run => ({ ...run, key_metric: null })) };
    expect(mainMetric(axes, unnamed)?.name).toBe('loss');
  });

  it('are for three runs or more of one notebook', () => {
    expect(isSweep(sweep)).toBe(true);
    expect(isSweep({ ...sweep, runs: sweep.runs.slice(0, 2) })).toBe(false);
    expect(isSweep({ ...sweep, runs: [...sweep.runs, fakeRun('9', { source: 'other.ipynb' })] })).toBe(false);
  });

  it('a plot places each run that has both values, and counts the others', () => {
    const plot = scatter(named('parameters.rate'), named('metrics.loss'), box);
    expect(plot.points).toEqual([
      { run: 0, x: 0, y: 0 },
      { run: 1, x: 100, y: 100 }
    ]);
    expect(plot.leftOut).toBe(2);
  });

  it('parallel ones stand evenly, and a line ends where a run has no value', () => {
    const plot = parallel([named('parameters.rate'), named('metrics.loss'), named('metrics.train.auc')], box);
    expect(plot.axes.map(axis => axis.x)).toEqual([0, 150, 300]);
    expect(plot.lines.map(line => line.path)).toEqual([
      'M0 100L150 0L300 100',
      'M0 66.7L150 100L300 50',
      'M0 33.3M300 0',
      'M0 0'
    ]);
    expect(plot.leftOut).toBe(0);
    expect(parallel([named('metrics.loss')], box)).toMatchObject({ leftOut: 2, axes: [{ x: 150 }] });
  });
});

class FakeLive implements ILive {
  readonly changed: Signal<ILive, Change> = new Signal<ILive, Change>(this);
  readonly reset: Signal<ILive, void> = new Signal<ILive, void>(this);
  readonly stateChanged: Signal<ILive, LiveState> = new Signal<ILive, LiveState>(this);
  readonly state: LiveState = 'live';
}

describe('the comparison', () => {
  const live = new FakeLive();
  const asked: {
    ids: readonly string[];
    answer: (comparison: Comparison) => void;
    fail: (e: Error) => void;
  }[] = [];
  const client = {
    compare: (ids: readonly string[]): Promise<Comparison> =>
      new Promise((answer, fail) => {
        asked.push({ ids, answer, fail });
      })
  };
  let model: CompareModel;
  const change = (id: string): Change => ({ epoch: 'e', seq: 1, offset: 0, run: fakeRun(id) });

  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    model = new CompareModel(client, live, ['1', '2', '1']);
  });
  afterEach(() => {
    model.dispose();
    vi.useRealTimers();
  });

  it('asks for each run once', () => {
    expect(asked.map(({ ids }) => ids)).toEqual([['1', '2']]);
  });

  it('shows the answer to the last question, however late another one comes', async () => {
    model.add(['3']);
    const three = { ...sweep, notes: ['three'] };
    asked[1]?.answer(three);
    asked[0]?.answer(sweep);
    await vi.runAllTimersAsync();
    expect([model.ids, model.comparison]).toEqual([['1', '2', '3'], three]);
    model.add(['3']);
    expect(asked).toHaveLength(2);
  });

  it('looks again when a compared run changes, once for many changes, and not for other runs', async () => {
    asked[0]?.answer(sweep);
    live.changed.emit(change('9'));
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(1);
    live.changed.emit(change('2'));
    live.changed.emit(change('2'));
    live.changed.emit(change('1'));
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(2);
    live.reset.emit();
    expect(asked).toHaveLength(3);
  });

  it('keeps what it shows when an answer fails, and says why', async () => {
    asked[0]?.answer(sweep);
    await vi.runAllTimersAsync();
    model.remove('2');
    asked[1]?.fail(new Error('gone'));
    await vi.runAllTimersAsync();
    expect(model.comparison).toBe(sweep);
    expect(model.problem).toBeInstanceOf(ProblemError);
    expect(model.problem?.message).toBe('gone');
  });

  it('is empty without runs', async () => {
    model.remove('1');
    model.remove('2');
    await vi.runAllTimersAsync();
    expect([model.comparison, asked.length]).toEqual([null, 2]);
  });

  it('folds equal rows away until asked for', () => {
    expect(model.isOpen('code')).toBe(false);
    model.toggle('code');
    expect(model.isOpen('code')).toBe(true);
    model.toggle('code');
    expect(model.isOpen('code')).toBe(false);
  });

  it('is quiet once closed', async () => {
    model.dispose();
    live.changed.emit(change('1'));
    live.reset.emit();
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(1);
  });
});
