import { describe, expect, it } from 'vitest';

import type { Candidate } from '../api/schema';
import { extraction, type IExtraction } from './extract';

const code = (source: string): { kind: string; source: string } => ({ kind: 'code', source });
const title = { kind: 'markdown', source: '# Train' };
const at = (cell: number, line: number, source: string): Candidate => ({
  cell,
  line,
  name: source.split(' ')[0] ?? '',
  source
});
const edits = (made: IExtraction | Candidate): [number, string][] => ('edits' in made ? [...made.edits] : []);

describe('a parameters cell from assignments', () => {
  it('has them in their order, and takes their lines away', () => {
    const cells = [title, code('import x\ncount = 3  # How many\nprint(count)'), code("name = 'ada'")];
    const made = extraction(cells, [at(3, 1, "name = 'ada'"), at(2, 2, 'count = 3  # How many')]);
    expect(made).toMatchObject({ parameters: "count = 3  # How many\nname = 'ada'", at: 1 });
    expect(new Map(edits(made))).toEqual(
      new Map([
        [1, 'import x\nprint(count)'],
        [2, '']
      ])
    );
  });

  it('stands at the top of a notebook without a title', () => {
    expect(extraction([code('a = 1\nb = 2')], [at(1, 1, 'a = 1')])).toMatchObject({
      at: 0,
      parameters: 'a = 1'
    });
  });

  it('takes several from one cell, and statements of several lines', () => {
    const cells = [code('a = 1\n\nsizes = [\n    1,\n    2,\n]\nb = 2\nprint(a, b)')];
    const made = extraction(cells, [
      at(1, 1, 'a = 1'),
      at(1, 3, 'sizes = [\n    1,\n    2,\n]'),
      at(1, 7, 'b = 2')
    ]);
    expect(edits(made)).toEqual([[0, 'print(a, b)']]);
  });

  it('leaves the others of a line that several share', () => {
    expect(edits(extraction([code('a = 1; b = f()')], [at(1, 1, 'a = 1')]))).toEqual([[0, 'b = f()']]);
    expect(edits(extraction([code('b = f(); a = 1')], [at(1, 1, 'a = 1')]))).toEqual([[0, 'b = f()']]);
    const both = extraction([code('a = 1; b = 2; go()')], [at(1, 1, 'a = 1'), at(1, 1, 'b = 2')]);
    expect(edits(both)).toEqual([[0, 'go()']]);
  });

  it('gives back the one that is not where it was', () => {
    const gone = at(1, 2, 'a = 1');
    expect(extraction([code('b = 1\na = 2')], [gone])).toBe(gone);
    expect(extraction([], [gone])).toBe(gone);
  });
});
