import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Change, DriftedColumn, DriftHistory, DriftReport, DriftSubject } from '../api/schema';
import { fakeRun } from '../compare/fixture';
import type { ILive, LiveState } from '../core/tokens';
import { chart, CHART } from './chart';
import { driftedCount, heat, ranked, ratioOf, ratioText, strength } from './columns';
import { DriftModel } from './model';

const column = (name: string, distance: number | null, drifted = (distance ?? 0) >= 0.1): DriftedColumn => ({
  name,
  distance,
  drifted,
  method: 'wasserstein',
  threshold: 0.1
});

const report = (
  run: string,
  time: number,
  columns: DriftedColumn[],
  more: Partial<DriftReport> = {}
): DriftReport => ({
  run,
  step: 'drift',
  file: 'report.html',
  time,
  columns,
  share: columns.filter(c => c.drifted).length / columns.length,
  drifted: false,
  target: null,
  ...more
});

const subject: DriftSubject = {
  name: 'drift.report',
  source: 'drift.ipynb',
  reports: [
    report('1', 1000, [column('temp', 0.05), column('gone', 0.02)]),
    report('2', 3000, [column('hour', 0.01), column('temp', 0.5)], {
      drifted: true,
      target: column('late', 0.09)
    })
  ]
};

describe('columns', () => {
  it('are measured in thresholds', () => {
    expect(ratioOf(column('temp', 0.05))).toBeCloseTo(0.5);
    expect(ratioOf(column('wind', null, true))).toBeNull();
    expect(ratioOf({ ...column('temp', 0.2), threshold: 0 })).toBe(Infinity);
    expect([0, 0.5, 1.44, 12.7, Infinity].map(ratioText)).toEqual(['0', '0.50', '1.4', '13', '∞']);
  });

  it('come with the furthest first, drifted ones before others, the target last', () => {
    const columns = [column('a', 0.05), column('missing', null, true), column('b', 0.4), column('c', 0.2)];
    const told = report('1', 0, columns, { target: column('late', 9) });
    expect(ranked(told).map(({ name }) => name)).toEqual(['b', 'c', 'missing', 'a', 'late']);
    expect(driftedCount(told)).toBe(3);
  });

  it('stand in the strip as the latest report ranks them, with a gap where a report lacks one', () => {
    const rows = heat(subject);
    expect(rows.map(({ name }) => name)).toEqual(['temp', 'hour', 'gone', 'late']);
    expect(rows.map(({ target }) => target)).toEqual([false, false, false, true]);
    expect(rows[1]?.cells.map(cell => cell?.distance ?? null)).toEqual([null, 0.01]);
    expect(rows[2]?.cells.map(cell => cell?.distance ?? null)).toEqual([0.02, null]);
  });

  it('are coloured the stronger, the further they have moved', () => {
    const strengths = [0, 0.05, 0.1, 0.3, 1, 100].map(distance => strength(column('x', distance)));
    expect(strengths[0]).toBe(0);
    expect(strengths[2]).toBeCloseTo(0.5);
    expect(strengths[4]).toBeCloseTo(1);
    expect(strengths).toEqual([...strengths].sort((a, b) => a - b));
    expect(Math.max(...strengths)).toBe(1);
    expect(strength(column('x', null, true))).toBe(1);
  });
});

describe('the chart', () => {
  it('places reports by their time and share', () => {
    const { points, path, times } = chart(subject.reports);
    expect(points.map(({ y }) => y)).toEqual([CHART.bottom, (CHART.top + CHART.bottom) / 2]);
    expect(points.map(({ x }) => x)).toEqual([58, 690]);
    expect(path).toMatch(/^M[\d.]+ [\d.]+L[\d.]+ [\d.]+$/);
    expect(times.map(({ time }) => time)).toEqual([1000, 3000]);
  });

  it('has a single report in its middle, and holds without any', () => {
    expect(chart(subject.reports.slice(0, 1)).points[0]?.x).toBe((CHART.left + CHART.right) / 2);
    expect(chart([])).toMatchObject({ points: [], path: '', times: [] });
  });
});

class FakeLive implements ILive {
  readonly changed: Signal<ILive, Change> = new Signal<ILive, Change>(this);
  readonly reset: Signal<ILive, void> = new Signal<ILive, void>(this);
  readonly stateChanged: Signal<ILive, LiveState> = new Signal<ILive, LiveState>(this);
  readonly state: LiveState = 'live';
}

describe('the history', () => {
  const live = new FakeLive();
  const asked: (string | null)[] = [];
  let history: DriftHistory;
  let model: DriftModel;
  const client = {
    drift: (source: string | null = null): Promise<DriftHistory> => {
      asked.push(source);
      return Promise.resolve(history);
    }
  };
  const change = (state: 'RUNNING' | 'SUCCEEDED'): Change => ({
    epoch: 'e',
    seq: 1,
    offset: 0,
    run: fakeRun('3', { state })
  });

  beforeEach(async () => {
    vi.useFakeTimers();
    asked.length = 0;
    history = { notes: [], subjects: [subject, { ...subject, name: 'other.report' }] };
    model = new DriftModel(client, live, 'drift.ipynb');
    await vi.runAllTimersAsync();
  });
  afterEach(() => {
    model.dispose();
    vi.useRealTimers();
  });

  it('shows the first subject until another is chosen, which stays when there is more to see', async () => {
    expect(model.subject?.name).toBe('drift.report');
    history.subjects.slice(1).forEach(other => {
      model.choose(other);
    });
    history = { notes: [], subjects: [subject, subject, { ...subject, name: 'other.report', reports: [] }] };
    model.load();
    await vi.runAllTimersAsync();
    expect(model.subject).toBe(history.subjects[2]);
  });

  it('looks again when a run has ended, once for many, and not while one runs', async () => {
    live.changed.emit(change('RUNNING'));
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(1);
    live.changed.emit(change('SUCCEEDED'));
    live.changed.emit(change('SUCCEEDED'));
    await vi.runAllTimersAsync();
    expect(asked).toHaveLength(2);
  });

  it('is limited to a notebook until all are asked for', () => {
    model.showAll();
    expect([asked, model.source]).toEqual([['drift.ipynb', null], null]);
  });

  it('says why it has nothing to show', async () => {
    const failing = new DriftModel({ drift: () => Promise.reject(new Error('gone')) }, live, null);
    await vi.runAllTimersAsync();
    expect([failing.history, failing.problem?.message]).toEqual([null, 'gone']);
    failing.dispose();
  });
});
