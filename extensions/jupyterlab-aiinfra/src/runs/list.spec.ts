import { describe, expect, it } from 'vitest';
import { nullTranslator } from '@jupyterlab/translation';

import { placeOf, runLink, withoutPlace } from '../common/links';
import { failure, headline, steps } from './describe';
import { aRun } from './fixture';
import { destination } from './keys';
import { extended, movedTo, only, toggled } from './selection';
import { ROW, scrolledTo, visible } from './windowing';

const trans = nullTranslator.load('aiinfra');

describe('the rows that are drawn', () => {
  it('are few, whatever their number', () => {
    const { start, end } = visible(2500 * ROW, 20 * ROW, 5000);
    expect([start, end]).toEqual([2492, 2528]);
  });

  it('end where the list ends', () => {
    expect(visible(0, 20 * ROW, 3)).toEqual({ start: 0, end: 3 });
    expect(visible(100 * ROW, 20 * ROW, 3)).toEqual({ start: 0, end: 3 });
  });

  it('scroll as little as needed', () => {
    expect(scrolledTo(2, 5 * ROW, 10 * ROW)).toBe(2 * ROW);
    expect(scrolledTo(7, 5 * ROW, 10 * ROW)).toBe(5 * ROW);
    expect(scrolledTo(20, 5 * ROW, 10 * ROW)).toBe(11 * ROW);
  });
});

describe('a key', () => {
  it('leads to a row of the list', () => {
    expect(destination('ArrowDown', -1, 9, 4)).toBe(0);
    expect(destination('ArrowUp', 0, 9, 4)).toBe(0);
    expect(destination('PageDown', 7, 9, 4)).toBe(8);
    expect([destination('Home', 5, 9, 4), destination('End', 5, 9, 4)]).toEqual([0, 8]);
  });

  it('leads nowhere in an empty list, or when it is another one', () => {
    expect(destination('End', -1, 0, 4)).toBeUndefined();
    expect(destination('Delete', 1, 9, 4)).toBeUndefined();
  });
});

describe('a selection', () => {
  const ids = ['5', '4', '3', '2', '1'];
  const of = (selection: { chosen: ReadonlySet<string> }): string[] => [...selection.chosen];

  it('goes from where it began, in both directions', () => {
    const start = only('3');
    expect(of(extended(start, ids, '1'))).toEqual(['3', '2', '1']);
    expect(of(extended(extended(start, ids, '1'), ids, '5'))).toEqual(['5', '4', '3']);
  });

  it('begins anew where its beginning is gone', () => {
    expect(of(extended(only('9'), ids, '4'))).toEqual(['4']);
  });

  it('takes one more, or one less', () => {
    const two = toggled(only('3'), '1');
    expect(of(two)).toEqual(['3', '1']);
    expect(of(toggled(two, '3'))).toEqual(['1']);
    expect(of(movedTo(two, '5'))).toEqual(['3', '1']);
  });
});

describe('a row', () => {
  it('says the cell of a run under way, and the metric of one that ended', () => {
    expect(headline(aRun(1, { state: 'RUNNING', cell: 3, cells: 12 }), trans)).toBe('cell 3/12');
    expect(headline(aRun(1, { metrics: { 'train.auc': 0.66412 }, key_metric: 'train.auc' }), trans)).toBe(
      'auc 0.6641'
    );
    expect(headline(aRun(1, { state: 'PENDING' }), trans)).toBe('');
  });

  it('says how far a pipeline is', () => {
    expect(steps(aRun(1, { state: 'RUNNING', steps: 5, steps_done: 2, step: 'train' }), trans)).toBe(
      '2/5 steps, in train'
    );
    expect(steps(aRun(1, { steps: 5 }), trans)).toBe('5 steps');
    expect(steps(aRun(1), trans)).toBe('');
  });

  it('says why only of a run that failed', () => {
    expect(failure(aRun(1, { state: 'FAILED', error: '\ncell 7: no\nmore' }))).toBe('cell 7: no');
    expect(failure(aRun(1, { state: 'FAILED', error: 'train: cell 7: no' }))).toBe('cell 7: no');
    expect(failure(aRun(1, { state: 'CANCELED', error: 'cancelled' }))).toBeNull();
  });
});

describe('a link', () => {
  it('leads to where it was made', () => {
    const place = { id: '41', step: 'train & test', cell: 7 };
    expect(placeOf(new URL(runLink(place)).search)).toEqual(place);
    expect(placeOf(new URL(runLink({ id: '41' })).search)).toEqual({ id: '41' });
  });

  it('leads nowhere when it is no number of a run', () => {
    expect(placeOf('?aiinfra-run=../1')).toBeNull();
    expect(placeOf('?x=1')).toBeNull();
    expect(placeOf('?aiinfra-run=1&aiinfra-cell=x')).toEqual({ id: '1' });
  });

  it('is gone from the address afterwards, and nothing else is', () => {
    expect(withoutPlace('?a=1&aiinfra-run=4&aiinfra-cell=2&reset')).toBe('?a=1&reset=');
    expect(withoutPlace('?aiinfra-run=4')).toBe('');
  });
});
