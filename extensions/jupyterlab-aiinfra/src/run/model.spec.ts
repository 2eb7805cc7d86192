import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { CellPage, Change, EventPage, RunDetail, RunRow, Step } from '../api/schema';
import type { ILive, LiveState } from '../core/tokens';
import { firstStep, RunModel } from './model';

const step = (name: string, state: Step['state'], more: Partial<Step> = {}): Step =>
  ({ name, state, after: [], started: null, cell: null, cells: null, ...more }) as Step;

class FakeLive implements ILive {
  readonly changed: Signal<ILive, Change> = new Signal<ILive, Change>(this);
  readonly reset: Signal<ILive, void> = new Signal<ILive, void>(this);
  readonly stateChanged: Signal<ILive, LiveState> = new Signal<ILive, LiveState>(this);
  state: LiveState = 'live';
}

describe('the step that is looked at first', () => {
  it('is the one that failed, else the one that runs, else the last that began', () => {
    const done = step('a', 'SUCCEEDED', { started: 1 });
    const later = step('b', 'SUCCEEDED', { started: 2 });
    expect(firstStep([done, step('r', 'RUNNING', { started: 3 }), step('f', 'FAILED', { started: 2 })])).toBe(
      'f'
    );
    expect(firstStep([done, step('r', 'RUNNING', { started: 2 })])).toBe('r');
    expect(firstStep([later, done, step('c', 'PENDING')])).toBe('b');
    expect(firstStep([step('x', 'PENDING'), step('y', 'PENDING')])).toBe('x');
    expect(firstStep([])).toBeNull();
  });
});

describe('a run', () => {
  let graph: Step[];
  let live: FakeLive;
  let model: RunModel;
  let asked: number;
  let broken: boolean;
  const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const row = (more: Partial<RunRow> = {}): RunRow => ({ id: '7', state: 'RUNNING', ...more }) as RunRow;
  const change = (run: RunRow): Change => ({ epoch: 'e', seq: 1, offset: 10, run });

  beforeEach(async () => {
    vi.useFakeTimers();
    graph = [step('prepare', 'RUNNING', { started: 1 }), step('train', 'PENDING')];
    live = new FakeLive();
    [asked, broken] = [0, false];
    const client = {
      run: (): Promise<RunDetail> => {
        asked += 1;
        return broken
          ? Promise.reject(new TypeError('Failed to fetch'))
          : Promise.resolve({ ...row(), name: 'flights', graph, offset: 0 } as unknown as RunDetail);
      },
      cells: (): Promise<CellPage> => Promise.resolve({ cells: [], total: 0, language: 'python', offset: 0 }),
      events: (): Promise<EventPage> => Promise.resolve({ events: [], offset: 0, more: false, ended: false })
    };
    model = new RunModel(client, live, '7');
    await settle();
  });
  afterEach(() => {
    model.dispose();
    vi.useRealTimers();
  });

  it('shows the running step, and goes on to the next one', async () => {
    expect([model.step?.name, model.notebook?.step]).toEqual(['prepare', 'prepare']);
    graph = [step('prepare', 'SUCCEEDED', { started: 1 }), step('train', 'RUNNING', { started: 2 })];
    live.changed.emit(change(row({ step: 'train' })));
    await settle(1000);
    expect([model.step?.name, model.notebook?.step]).toEqual(['train', 'train']);
  });

  it('stays at the step that was chosen, until one follows again', async () => {
    model.select('prepare');
    graph = [step('prepare', 'SUCCEEDED', { started: 1 }), step('train', 'RUNNING', { started: 2 })];
    live.changed.emit(change(row({ step: 'train' })));
    await settle(1000);
    expect(model.step?.name).toBe('prepare');
    model.follow();
    expect(model.step?.name).toBe('train');
  });

  it('tells the cell at once, and asks for the rest once a second at most', async () => {
    for (let cell = 1; cell <= 20; cell++) {
      live.changed.emit(change(row({ step: 'prepare', cell, cells: 20 })));
      expect(model.step?.cell).toBe(cell);
      await settle(50);
    }
    await settle(1000);
    expect(asked).toBeLessThanOrEqual(3);
  });

  it('does not mind other runs', async () => {
    live.changed.emit(change(row({ id: '8', state: 'FAILED' })));
    await settle(2000);
    expect([model.detail?.state, asked]).toEqual(['RUNNING', 1]);
  });

  it('keeps what it shows when the server is gone, and looks again when it is back', async () => {
    broken = true;
    live.reset.emit();
    await settle(1000);
    expect([model.problem?.unreachable, model.detail?.id]).toEqual([true, '7']);
    broken = false;
    live.stateChanged.emit('live');
    await settle(1000);
    expect(model.problem).toBeNull();
  });
});
