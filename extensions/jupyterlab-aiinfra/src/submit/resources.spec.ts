import { describe, expect, it } from 'vitest';

import { amountOf, typedOf } from './resources';

describe('an amount', () => {
  it.each([
    ['2', '2'],
    ['0.5', '0.5'],
    ['500m', '500m'],
    ['', null],
    ['0', undefined],
    ['two', undefined],
    ['-1', undefined]
  ])('of CPUs: %j', (typed, sent) => {
    expect(amountOf('cpu', typed)).toBe(sent);
  });

  it.each([
    ['4', '4Gi'],
    ['1.5', '1.5Gi'],
    ['512Mi', '512Mi'],
    ['512 MiB', '512Mi'],
    ['2G', '2G'],
    [' ', null],
    ['0', undefined],
    ['4B', undefined],
    ['4 apples', undefined]
  ])('of memory, in GiB where nothing is said: %j', (typed, sent) => {
    expect(amountOf('memory', typed)).toBe(sent);
  });

  it('is shown as it was typed', () => {
    expect(typedOf('memory', '4Gi')).toBe('4');
    expect(typedOf('memory', '512Mi')).toBe('512Mi');
    expect(typedOf('cpu', null)).toBe('');
  });
});
