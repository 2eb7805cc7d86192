import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ProblemError } from '../api/problem';
import type { Change, Changes } from '../api/schema';
import { Live, SCHEMA } from './live';

const change = (seq: number, epoch = 'e1'): Change => ({ epoch, seq, offset: 0, run: {} as Change['run'] });
const answer = (seqs: number[], epoch = 'e1', reset = false): Changes => ({
  epoch,
  seq: Math.max(0, ...seqs),
  reset,
  changes: seqs.map(seq => change(seq, epoch))
});
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('Live', () => {
  let answers: (Changes | Error)[];
  let stream: Signal<object, { schema_id: string }>;
  let live: Live;
  let heard: number[];
  let resets: number;
  let asked: [string, number][];

  beforeEach(() => {
    vi.useFakeTimers();
    answers = [answer([], 'e1', true)];
    stream = new Signal({});
    heard = [];
    resets = 0;
    asked = [];
    const changes = (epoch: string, after: number): Promise<Changes> => {
      asked.push([epoch, after]);
      const next = (answers.length > 1 ? answers.shift() : answers[0]) ?? new Error('no answer');
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    };
    live = new Live({ changes }, { stream });
    live.changed.connect((_, told) => heard.push(told.seq));
    live.reset.connect(() => (resets += 1));
  });

  afterEach(() => {
    live.dispose();
    vi.useRealTimers();
  });

  const emit = (told: Change): void => {
    stream.emit({ schema_id: SCHEMA, ...told });
  };

  it('tells changes as the stream brings them, and ignores events of others', async () => {
    await settle();
    emit(change(1));
    stream.emit({ schema_id: 'https://events.jupyter.org/other' });
    emit(change(2));
    expect(heard).toEqual([1, 2]);
    expect(live.state).toBe('live');
  });

  it('asks for what is missing, and tells each change once and in order', async () => {
    await settle();
    emit(change(1));
    answers = [answer([2, 3, 4])];
    emit(change(4));
    emit(change(3));
    await settle();
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(asked).toContainEqual(['e1', 1]);
  });

  it('starts over when the server was started anew', async () => {
    await settle();
    expect(resets).toBe(1);
    answers = [answer([], 'e2', true)];
    emit(change(1, 'e2'));
    await settle();
    expect(resets).toBe(2);
    answers = [answer([], 'e2')];
    emit(change(1, 'e2'));
    await settle();
    expect(heard).toEqual([1]);
  });

  it('says that it is offline, and goes on from the last change when the server answers again', async () => {
    await settle();
    emit(change(1));
    answers = [new TypeError('Failed to fetch')];
    window.dispatchEvent(new Event('offline'));
    await settle();
    expect(live.state).toBe('offline');
    answers = [answer([2])];
    await vi.advanceTimersByTimeAsync(2000);
    expect(live.state).toBe('live');
    expect(heard).toEqual([1, 2]);
  });

  it('tells an expired login from a lost network', async () => {
    await settle();
    const nowhere = { file: null, cell: null, line: null, field: null };
    answers = [
      new ProblemError({ type: 'HTTPError', code: null, message: '', where: nowhere, remedy: null }, 403)
    ];
    live.look();
    await settle();
    expect(live.state).toBe('expired');
  });
});
