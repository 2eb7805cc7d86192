import { describe, expect, it } from 'vitest';

import { moved } from './roving';
import { linear, niceTicks, scaleOf } from './scale';

describe('a scale', () => {
  it('puts the smallest value at its start and the largest at its end, also when the line goes up', () => {
    const { place } = scaleOf([3, 1, 2], 100, 0);
    expect([place(1), place(2), place(3)]).toEqual([100, 50, 0]);
  });

  it('puts values that are all the same in its middle', () => {
    const scale = scaleOf([7, 7], 0, 100);
    expect([scale.place(7), scale.ticks]).toEqual([50, [7]]);
  });

  it('is logarithmic for positive values that span two decades, and only then', () => {
    const learning = scaleOf([1e-4, 1e-2, 1], 0, 100);
    expect(learning.log).toBe(true);
    expect(learning.place(1e-2)).toBeCloseTo(50);
    expect(learning.ticks).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(scaleOf([0, 1000], 0, 1).log).toBe(false);
    expect(scaleOf([1, 99], 0, 1).log).toBe(false);
  });

  it('has no marks between whole numbers, where all values are whole', () => {
    expect(scaleOf([1, 2, 3], 0, 100).ticks).toEqual([1, 2, 3]);
    expect(scaleOf([1, 2.5, 3], 0, 100).ticks).toEqual([1, 1.5, 2, 2.5, 3]);
  });

  it('has no marks without values', () => {
    expect(scaleOf([], 0, 100).ticks).toEqual([]);
  });

  it('keeps to its ends when told so', () => {
    expect(linear(0, 1, 0, 200).place(0.25)).toBe(50);
  });
});

describe('marks', () => {
  it('are round numbers within the ends', () => {
    expect(niceTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(0.601, 0.658)).toEqual([0.62, 0.64]);
    expect(niceTicks(-3, 12)).toEqual([0, 5, 10]);
    expect(niceTicks(5, 5)).toEqual([5]);
  });
});

describe('arrow keys', () => {
  it('move within the places, and stop at their ends', () => {
    expect(moved('ArrowRight', 0, 3)).toBe(1);
    expect(moved('ArrowDown', 2, 3)).toBe(2);
    expect(moved('ArrowLeft', 0, 3)).toBe(0);
    expect([moved('Home', 2, 3), moved('End', 0, 3)]).toEqual([0, 2]);
  });

  it('lead nowhere without places, as other keys do', () => {
    expect(moved('End', 0, 0)).toBeUndefined();
    expect(moved('a', 0, 3)).toBeUndefined();
  });

  it('start from what is left when places went away', () => {
    expect(moved('ArrowLeft', 9, 3)).toBe(1);
  });
});
