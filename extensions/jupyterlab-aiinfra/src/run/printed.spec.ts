import { describe, expect, it } from 'vitest';

import { Printed } from './printed';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('');

describe('what a cell prints', () => {
  it('is all there as long as it is not much, whatever the pieces it came in', () => {
    const printed = new Printed();
    'one\ntwo\nthree'.split('').forEach(letter => {
      printed.add(letter);
    });
    expect([printed.text, printed.dropped]).toEqual(['one\ntwo\nthree', 0]);
  });

  it('is cut to its last lines, and says how many went', () => {
    const printed = new Printed(2000);
    for (let i = 0; i < 10_000; i += 50) {
      printed.add(lines(i, i + 50));
    }
    const shown = printed.text.split('\n').length - 1;
    expect(shown).toBeGreaterThanOrEqual(2000);
    expect(shown).toBeLessThan(2200);
    expect(printed.dropped + shown).toBe(10_000);
    expect(printed.text.endsWith('line 9999\n')).toBe(true);
  });

  it('leaves pieces alone that are full', () => {
    const printed = new Printed();
    printed.add(lines(0, 250));
    const [first, second] = printed.blocks;
    printed.add(lines(250, 300));
    expect(printed.blocks[0]).toBe(first);
    expect(printed.blocks[1]).toBe(second);
    expect(printed.blocks).toHaveLength(3);
  });

  it('overwrites a line after a carriage return, also one that came before', () => {
    const printed = new Printed();
    printed.add('loss\n 10%');
    printed.add('\r 20%');
    printed.add('\r 30%\r\ndone\r\n');
    expect(printed.text.replaceAll('\r', '')).toBe('loss\n 30%\ndone\n');
  });

  it('has no escape sequences, also where one comes in two parts', () => {
    const printed = new Printed();
    printed.add('\u001b[31mred\u001b[0m \u001b[');
    printed.add('1;32mgreen\u001b[0m');
    expect(printed.text).toBe('red green');
  });

  it('tells the streams apart', () => {
    const printed = new Printed();
    printed.add('a\n', 'stdout');
    printed.add('b\n', 'stderr');
    printed.add('c\n', 'stderr');
    expect(printed.blocks.map(block => [block.stream, block.text])).toEqual([
      ['stdout', 'a\n'],
      ['stderr', 'b\nc\n']
    ]);
  });

  it('stays small when a line never ends', () => {
    const printed = new Printed();
    for (let i = 0; i < 100; i++) {
      printed.add('x'.repeat(50_000));
    }
    expect(printed.text.length).toBeLessThan(500_000);
    expect(printed.dropped).toBeGreaterThan(0);
  });
});
