import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IRunsFilter } from '../api/client';
import type { Change, RunRow } from '../api/schema';
import type { LiveState } from '../core/tokens';
import { fits } from './filter';
import { RunsModel } from './model';
import { aRun } from './fixture';

/** A server with a list, and answers that can be held back. */
class Server {
  list: RunRow[] = [];
  asked: [IRunsFilter, string | null, number][] = [];
  broken = false;
  private held: (() => void)[] | null = null;

  runs = async (filter: IRunsFilter = {}, before: string | null = null, limit = 50) => {
    this.asked.push([filter, before, limit]);
    if (this.broken) {
      throw new TypeError('Failed to fetch');
    }
    const fitting = this.list.filter(run => fits(run, filter)).sort((a, b) => Number(b.id) - Number(a.id));
    const older = fitting.filter(run => before === null || Number(run.id) < Number(before));
    const runs = older.slice(0, limit);
    const next = older.length > limit ? (runs.at(-1)?.id ?? null) : null;
    await new Promise<void>(resolve => {
      if (this.held) {
        this.held.push(resolve);
      } else {
        resolve();
      }
    });
    return { runs, total: fitting.length, next };
  };
  facets = () => Promise.resolve({ sources: ['train.ipynb'], targets: ['local'] });

  hold(): void {
    this.held = [];
  }
  release(): void {
    this.held?.forEach(resolve => {
      resolve();
    });
    this.held = null;
  }
}

class FakeLive {
  changed = new Signal<this, Change>(this);
  reset = new Signal<this, void>(this);
  stateChanged = new Signal<this, LiveState>(this);
  state: LiveState = 'live';
  tell(run: RunRow): void {
    this.changed.emit({ epoch: 'e', seq: 0, offset: 0, run });
  }
}

describe('RunsModel', () => {
  let server: Server;
  let live: FakeLive;
  let model: RunsModel;
  const ids = (): string[] => model.rows.map(run => run.id);
  const numbers = (count: number): RunRow[] => Array.from({ length: count }, (_, i) => aRun(i + 1));
  const start = async (list: RunRow[], filter: IRunsFilter = {}): Promise<void> => {
    server.list = list;
    await (Object.keys(filter).length > 0 ? model.setFilter(filter) : model.reload());
  };
  /** Something happens on the server, and is told. */
  const happens = (run: RunRow): void => {
    server.list = [...server.list.filter(other => other.id !== run.id), run];
    live.tell(run);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    server = new Server();
    live = new FakeLive();
    model = new RunsModel(server, live);
  });
  afterEach(() => {
    model.dispose();
    vi.useRealTimers();
  });

  it('has the newest first, by number and not by text', async () => {
    await start([aRun(9), aRun(100), aRun(10)]);
    expect(ids()).toEqual(['100', '10', '9']);
    happens(aRun(101));
    happens(aRun(103));
    happens(aRun(102));
    expect(ids()).toEqual(['103', '102', '101', '100', '10', '9']);
    expect(model.total).toBe(6);
  });

  it('changes a run in its place', async () => {
    await start(numbers(3));
    happens(aRun(2, { state: 'FAILED', error: 'cell 7' }));
    expect(ids()).toEqual(['3', '2', '1']);
    expect(model.rows[1]?.error).toBe('cell 7');
    expect(model.total).toBe(3);
  });

  it('takes in what begins to fit the filter, and leaves out what no longer does', async () => {
    await start([aRun(1), aRun(2, { state: 'RUNNING' })], { state: 'RUNNING' });
    expect(ids()).toEqual(['2']);
    happens(aRun(3, { state: 'RUNNING' }));
    expect([ids(), model.total]).toEqual([['3', '2'], 2]);
    happens(aRun(2, { state: 'SUCCEEDED' }));
    expect([ids(), model.total]).toEqual([['3'], 1]);
    happens(aRun(4, { state: 'PENDING' }));
    expect([ids(), model.total]).toEqual([['3'], 1]);
  });

  it('filters by text as the server does: ASCII capitals only, name or notebook', async () => {
    await start([aRun(1, { name: 'Été' }), aRun(2, { name: 'x', source: 'nbs/ETE.ipynb' })], { text: 'ete' });
    expect(ids()).toEqual(['2']);
    happens(aRun(3, { name: 'ÉTÉ' }));
    happens(aRun(4, { name: 'ETe' }));
    expect(ids()).toEqual(['4', '2']);
  });

  it('loads on until there is enough, and counts all from the start', async () => {
    await start(numbers(1250));
    expect([model.rows.length, model.total, model.complete]).toEqual([100, 1250, false]);
    await model.reach(300);
    expect(model.rows.length).toBe(600);
    await model.reach(1250);
    expect([model.rows.length, model.complete]).toEqual([1250, true]);
    expect(ids()).toEqual(
      numbers(1250)
        .map(run => run.id)
        .reverse()
    );
  });

  it('goes further when more is wanted while it loads', async () => {
    await start(numbers(1250));
    const first = model.reach(200);
    const second = model.reach(1200);
    await Promise.all([first, second]);
    expect(model.rows.length).toBe(1250);
    expect(server.asked.length).toBe(4);
  });

  it('has no gap and nothing twice when runs come while a page is on its way', async () => {
    await start(numbers(150));
    server.hold();
    const loading = model.reach(150);
    happens(aRun(151));
    happens(aRun(20, { state: 'FAILED' }));
    server.release();
    await loading;
    expect(ids()).toEqual([...numbers(151)].map(run => run.id).reverse());
    expect(model.rows[model.indexOf('20')]?.state).toBe('FAILED');
    expect(model.total).toBe(151);
  });

  it('asks for the total when what is not loaded may have begun to fit', async () => {
    const failed = numbers(150).map(run => ({ ...run, state: 'FAILED' as const }));
    await start([...failed, aRun(0, { state: 'RUNNING' })], { state: 'FAILED' });
    expect(model.total).toBe(150);
    happens(aRun(0, { state: 'FAILED' }));
    await vi.runAllTimersAsync();
    expect(model.total).toBe(151);
    await model.reach(151);
    expect(ids().at(-1)).toBe('0');
  });

  it('leaves the row where the next page begins, and still finds that page', async () => {
    const running = numbers(150).map(run => ({ ...run, state: 'RUNNING' as const }));
    await start(running, { state: 'RUNNING' });
    expect(ids().at(-1)).toBe('51');
    happens(aRun(51, { state: 'SUCCEEDED' }));
    await model.reach(149);
    expect(ids()).toEqual(
      running
        .map(run => run.id)
        .filter(id => id !== '51')
        .reverse()
    );
    expect(model.total).toBe(149);
  });

  it('shows what is there now after a reset, and loses none of the loaded part', async () => {
    await start(numbers(700));
    await model.reach(400);
    server.list = [...numbers(710).filter(run => run.id !== '705'), aRun(705, { state: 'CANCELED' })];
    live.reset.emit();
    await vi.runAllTimersAsync();
    expect(model.rows.length).toBe(500);
    expect(model.rows[model.indexOf('705')]?.state).toBe('CANCELED');
    expect(model.total).toBe(710);
  });

  it('answers the last filter, whichever answer comes last', async () => {
    await start([aRun(1, { name: 'one' }), aRun(2, { name: 'two' })]);
    server.hold();
    const first = model.setFilter({ text: 'one' });
    const second = model.setFilter({ text: 'two' });
    server.release();
    await Promise.all([first, second]);
    expect(ids()).toEqual(['2']);
  });

  it('says why there is nothing, and tries again when the server is back', async () => {
    server.broken = true;
    await start(numbers(2));
    expect([model.state, model.problem?.unreachable]).toEqual(['failed', true]);
    server.broken = false;
    live.stateChanged.emit('live');
    await vi.runAllTimersAsync();
    expect([model.state, model.problem, ids()]).toEqual(['ready', null, ['2', '1']]);
  });

  it('keeps the rows when only the next page has no answer', async () => {
    await start(numbers(150));
    server.broken = true;
    await model.reach(150);
    expect([model.state, model.rows.length, model.problem?.unreachable]).toEqual(['ready', 100, true]);
  });

  it('learns of a notebook that has its first run', async () => {
    await start(numbers(1));
    await vi.runAllTimersAsync();
    happens(aRun(2, { source: 'evaluate.ipynb', target: 'prod' }));
    expect(model.facets).toEqual({ sources: ['evaluate.ipynb', 'train.ipynb'], targets: ['local', 'prod'] });
  });
});
