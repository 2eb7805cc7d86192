import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { TablePage } from '../api/schema';
import { cellText, isNumeric, widthsOf } from './cells';
import { MlflowModel, type Answer } from './mlflow-model';
import { PAGE, TableModel } from './table-model';
import { HIGHEST, ROW, scrollFor, windowOf } from './window';

describe('the window on a table', () => {
  it('draws what is in sight and a little more, in a space as high as the whole table', () => {
    const shown = windowOf(1000, 100 * ROW, 20 * ROW);
    expect([shown.first, shown.last]).toEqual([90, 131]);
    expect(shown.before + (shown.last - shown.first) * ROW + shown.after).toBe(1000 * ROW);
  });

  it('is the whole of a small table', () => {
    expect(windowOf(3, 0, 600)).toEqual({ first: 0, last: 3, before: 0, after: 0 });
    expect(windowOf(0, 0, 600)).toEqual({ first: 0, last: 0, before: 0, after: 0 });
  });

  it('holds when the table has become shorter than it is scrolled', () => {
    expect(windowOf(5, 9000, 240)).toMatchObject({ last: 5, after: 0 });
  });

  it('reaches the first and the last row of a table that no browser can lay out', () => {
    const [total, viewport] = [100_000_000, 480];
    const end = windowOf(total, HIGHEST - viewport, viewport);
    expect(windowOf(total, 0, viewport).first).toBe(0);
    expect(end.last).toBe(total);
    for (const shown of [windowOf(total, HIGHEST / 2, viewport), end]) {
      expect(shown.before + (shown.last - shown.first) * ROW + shown.after).toBeCloseTo(HIGHEST);
      expect(Math.min(shown.before, shown.after)).toBeGreaterThanOrEqual(0);
    }
  });

  it('can be brought to any row', () => {
    for (const total of [1000, 100_000_000]) {
      const row = Math.floor(total / 3);
      const top = scrollFor(row, total, 480);
      const shown = windowOf(total, top, 480);
      expect(shown.first).toBeLessThanOrEqual(row);
      expect(shown.last).toBeGreaterThan(row);
      expect(windowOf(total, scrollFor(total - 1, total, 480), 480).last).toBe(total);
    }
    expect(scrollFor(2, 3, 480)).toBe(0);
  });
});

describe('cells', () => {
  it('are text, with nothing rounded away', () => {
    expect([1 / 3, 'a', true, null, [1], { a: 1 }].map(cellText)).toEqual([
      '0.3333333333333333',
      'a',
      'true',
      '',
      '[1]',
      '{"a":1}'
    ]);
  });

  it('are as wide as their names, types and values need, within limits', () => {
    const columns = [
      { name: 'a', type: 'int64' },
      { name: 'description', type: 'string' },
      { name: 'text', type: 'string' }
    ];
    expect(widthsOf({ columns, rows: [[1, 'short', 'x'.repeat(500)]] })).toEqual([6, 12, 40]);
  });

  it('stand to the right when they are numbers', () => {
    expect(['int64', 'uint8', 'double', 'Float64', 'decimal128(5, 2)'].map(isNumeric)).not.toContain(false);
    expect(['string', 'timestamp[us]', 'bool', 'list<item: int64>'].map(isNumeric)).not.toContain(true);
  });
});

describe('a table', () => {
  const columns = [{ name: 'n', type: 'int64' }];
  const asked: number[] = [];
  let broken = false;
  const fetch = (start: number, count: number): Promise<TablePage> => {
    asked.push(start / PAGE);
    const rows = Array.from({ length: Math.min(count, 10_050 - start) }, (_, i) => [start + i]);
    return broken ? Promise.reject(new Error('gone')) : Promise.resolve({ columns, rows, total: 10_050 });
  };
  const settle = (): Promise<void> => new Promise(resolve => setTimeout(resolve));

  beforeEach(() => {
    asked.length = 0;
    broken = false;
  });

  it('fetches the pages that are looked at, each once', async () => {
    const model = new TableModel(fetch);
    expect([model.total, model.row(0)]).toEqual([null, null]);
    await settle();
    expect([model.total, model.columns, model.row(99)]).toEqual([10_050, columns, [99]]);
    model.want(180, 220);
    model.want(190, 230);
    await settle();
    model.want(150, 250);
    expect(asked).toEqual([0, 1, 2]);
    expect(model.row(220)).toEqual([220]);
  });

  it('ends with its last row', async () => {
    const model = new TableModel(fetch);
    model.want(10_000, 10_050);
    await settle();
    expect([model.row(10_049), model.row(10_050)]).toEqual([[10_049], null]);
  });

  it('keeps what is near, not everything', async () => {
    const model = new TableModel(fetch);
    for (let page = 0; page < 100; page += 1) {
      model.want(page * PAGE, page * PAGE + 1);
      await settle();
    }
    expect(model.row(0)).toBeNull();
    expect(model.row(9900)).toEqual([9900]);
    expect(model.row(9000)).toEqual([9000]);
  });

  it('says why a page does not come, asks no more, and goes on when told to', async () => {
    const model = new TableModel(fetch);
    await settle();
    broken = true;
    model.want(500, 510);
    await settle();
    expect(model.problem?.message).toBe('gone');
    model.want(600, 610);
    expect(asked).toEqual([0, 5]);
    broken = false;
    model.retry();
    await settle();
    expect(model.problem).toBeNull();
    expect(asked).toEqual([0, 5, 6]);
    expect(model.row(600)).toEqual([600]);
  });
});

describe('MLflow', () => {
  const answer = (status: number, text = '', type: ResponseType = 'basic'): Answer => ({
    status,
    type,
    ok: status >= 200 && status < 300,
    text: () => Promise.resolve(text)
  });
  let answers: (Answer | Error)[] = [];
  const ask = (): Promise<Answer> => {
    const next = answers.shift() ?? new Error('nobody there');
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };

  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is waited for until it answers', async () => {
    answers = [answer(202), answer(202), answer(200)];
    const states: string[] = [];
    const model = new MlflowModel(ask);
    model.stateChanged.connect(() => states.push(model.state));
    expect(model.state).toBe('starting');
    await vi.runAllTimersAsync();
    expect([model.state, answers, states]).toEqual(['there', [], ['starting', 'starting', 'there']]);
  });

  it('says what it said when it cannot start, and can be tried again', async () => {
    answers = [answer(503, '<h1>no</h1><pre>disk &lt;full&gt;\n</pre>'), answer(200)];
    const model = new MlflowModel(ask);
    await vi.runAllTimersAsync();
    expect([model.state, model.log]).toEqual(['failed', 'disk <full>']);
    model.retry();
    await vi.runAllTimersAsync();
    expect(model.state).toBe('there');
  });

  it('may be elsewhere, or out of reach', async () => {
    answers = [answer(0, '', 'opaqueredirect'), new Error('no network')];
    const model = new MlflowModel(ask);
    await vi.runAllTimersAsync();
    expect(model.state).toBe('elsewhere');
    model.retry();
    await vi.runAllTimersAsync();
    expect(model.state).toBe('offline');
  });

  it('is asked no more once its tab is closed', async () => {
    answers = [answer(202), answer(200)];
    const model = new MlflowModel(ask);
    await vi.advanceTimersByTimeAsync(0);
    model.dispose();
    await vi.runAllTimersAsync();
    expect(answers).toHaveLength(1);
  });
});
