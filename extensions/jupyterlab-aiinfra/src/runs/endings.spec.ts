import { Signal } from '@lumino/signaling';
import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IRunsFilter } from '../api/client';
import type { Change, RunDetail, RunRow } from '../api/schema';
import { Counts } from './counts';
import { Endings } from './endings';
import { aRun } from './fixture';
import { noticeOf, titled } from './notify';
import { TitleNotice } from './title';

const trans = nullTranslator.load('aiinfra');
const page = (runs: RunRow[]) => ({ runs, total: runs.length, next: null });

class FakeLive {
  changed = new Signal<this, Change>(this);
  reset = new Signal<this, void>(this);
  tell(run: RunRow): void {
    this.changed.emit({ epoch: 'e', seq: 0, offset: 0, run });
  }
}

describe('Endings', () => {
  let live: FakeLive;
  let list: RunRow[];
  let answer: Promise<void>;
  let told: string[];
  let endings: Endings;
  const client = {
    runs: async (filter: IRunsFilter = {}) => {
      const found = page(list.filter(run => run.state === filter.state));
      await answer;
      return found;
    },
    run: (id: string) => Promise.resolve(list.find(run => run.id === id) as RunDetail)
  };
  const settle = () => new Promise(resolve => setTimeout(resolve));
  const start = (): void => {
    endings = new Endings(client, live);
    endings.ended.connect((_, run) => told.push(`${run.id} ${run.state}`));
  };

  beforeEach(() => {
    [live, list, answer, told] = [new FakeLive(), [], Promise.resolve(), []];
  });
  afterEach(() => {
    endings.dispose();
  });

  it('tells once of a run that was seen under way', async () => {
    start();
    await settle();
    live.tell(aRun(1, { state: 'RUNNING' }));
    live.tell(aRun(1, { state: 'FAILED' }));
    live.tell(aRun(1, { state: 'FAILED' }));
    expect(told).toEqual(['1 FAILED']);
  });

  it('says nothing of a run that it never saw under way', async () => {
    start();
    await settle();
    live.tell(aRun(1, { state: 'SUCCEEDED' }));
    expect(told).toEqual([]);
  });

  it('knows the runs that were under way before the window opened', async () => {
    list = [aRun(1, { state: 'RUNNING' }), aRun(2, { state: 'PENDING' })];
    start();
    await settle();
    live.tell(aRun(1));
    live.tell(aRun(2, { state: 'CANCELED' }));
    expect(told).toEqual(['1 SUCCEEDED', '2 CANCELED']);
  });

  it('is not misled by an answer that is older than the end', async () => {
    list = [aRun(1, { state: 'RUNNING' })];
    let release = (): void => undefined;
    answer = new Promise(resolve => (release = resolve));
    start();
    live.tell(aRun(1));
    expect(told).toEqual([]);
    release();
    await settle();
    expect(told).toEqual(['1 SUCCEEDED']);
  });

  it('asks what has become of a run when the server was started anew', async () => {
    list = [aRun(1, { state: 'RUNNING' })];
    start();
    await settle();
    list = [aRun(1, { state: 'FAILED' })];
    live.reset.emit();
    await settle();
    expect(told).toEqual(['1 FAILED']);
  });
});

describe('what is told', () => {
  const failed = aRun(7, { state: 'FAILED', error: 'cell 3: KeyError: dest\nTraceback' });

  it('says why a run failed, in one line, and stays', () => {
    const notice = noticeOf(failed, 'all', trans);
    expect(notice).toEqual({
      type: 'error',
      message: 'Run 7 (train) failed: cell 3: KeyError: dest',
      autoClose: false
    });
  });

  it('says how long a run took', () => {
    expect(noticeOf(aRun(7), 'all', trans)?.message).toBe('Run 7 (train) succeeded in 0:09');
  });

  it('is what the person chose', () => {
    expect(noticeOf(aRun(7), 'failures', trans)).toBeNull();
    expect(noticeOf(failed, 'failures', trans)?.type).toBe('error');
    expect(noticeOf(failed, 'none', trans)).toBeNull();
  });
});

describe('the title', () => {
  let notice: TitleNotice;
  const show = (run: RunRow): void => {
    notice.show(title => titled(run, title));
  };
  beforeEach(() => {
    document.title = 'JupyterLab';
    notice = new TitleNotice();
  });
  afterEach(() => {
    notice.dispose();
  });

  it('says the last run that ended until someone looks', () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(false);
    show(aRun(1));
    expect(document.title).toBe('✓ 1 train – JupyterLab');
    show(aRun(2, { state: 'FAILED' }));
    expect(document.title).toBe('✗ 2 train – JupyterLab');
    window.dispatchEvent(new Event('focus'));
    expect(document.title).toBe('JupyterLab');
  });

  it('says nothing to who looks', () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(true);
    show(aRun(1));
    expect(document.title).toBe('JupyterLab');
  });

  it('leaves a title that another has set', () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(false);
    show(aRun(1));
    document.title = 'train.ipynb';
    window.dispatchEvent(new Event('focus'));
    expect(document.title).toBe('train.ipynb');
  });
});

describe('Counts', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('asks when a state changes, and not for each cell', async () => {
    const live = new FakeLive();
    const status = vi.fn(() => Promise.resolve({ running: 1, queued: 2 } as never));
    const counts = new Counts({ status }, live);
    await vi.runAllTimersAsync();
    expect([counts.running, counts.queued, status.mock.calls.length]).toEqual([1, 2, 1]);
    live.tell(aRun(1, { state: 'RUNNING', cell: 1 }));
    await vi.runAllTimersAsync();
    live.tell(aRun(1, { state: 'RUNNING', cell: 2 }));
    await vi.runAllTimersAsync();
    expect(status.mock.calls.length).toBe(2);
    live.tell(aRun(1));
    live.reset.emit();
    await vi.runAllTimersAsync();
    expect(status.mock.calls.length).toBe(3);
    counts.dispose();
  });
});
