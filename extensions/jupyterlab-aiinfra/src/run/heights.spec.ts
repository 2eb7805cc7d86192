import { describe, expect, it } from 'vitest';

import { Heights } from './heights';

describe('heights', () => {
  it('knows where each thing is, measured or not', () => {
    const heights = new Heights(4, 10);
    heights.set(1, 30);
    expect([0, 1, 2, 3, 4].map(i => heights.top(i))).toEqual([0, 10, 40, 50, 60]);
    expect(heights.total).toBe(60);
  });

  it('finds what is at a height', () => {
    const heights = new Heights(4, 10);
    heights.set(1, 30);
    expect([-5, 0, 9, 10, 39, 40, 59, 1000].map(y => heights.at(y))).toEqual([0, 0, 0, 1, 1, 2, 3, 3]);
    expect(new Heights(0).at(100)).toBe(0);
  });

  it('keeps what was measured when there are more', () => {
    const heights = new Heights(1, 10);
    heights.set(0, 70);
    heights.resize(3);
    expect([heights.total, heights.count]).toEqual([90, 3]);
    heights.resize(1);
    expect(heights.total).toBe(70);
  });

  it('says whether a height is new', () => {
    const heights = new Heights(2, 10);
    expect([heights.set(0, 11), heights.set(0, 11), heights.set(9, 11)]).toEqual([true, false, false]);
  });
});
