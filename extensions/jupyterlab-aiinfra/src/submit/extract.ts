import type { Candidate } from '../api/schema';

/** The cells of a notebook, as far as moving assignments needs to know. */
export interface ICellText {
  readonly kind: string;
  readonly source: string;
}

export interface IExtraction {
  /** The code of the parameters cell. */
  readonly parameters: string;
  /** Where it goes: before the cell that has this index now. */
  readonly at: number;
  /** The new text of the cells that lose lines, by index; an empty one is to be deleted. */
  readonly edits: ReadonlyMap<number, string>;
}

/** How to move assignments into a parameters cell; the candidate that isn't there (any more) when one isn't. */
export function extraction(
  cells: readonly ICellText[],
  candidates: readonly Candidate[]
): IExtraction | Candidate {
  const edits = new Map<number, string>();
  // From the bottom up: what is taken away moves nothing that is still to be found.
  for (const candidate of [...candidates].sort((a, b) => b.cell - a.cell || b.line - a.line)) {
    const index = candidate.cell - 1;
    const before = edits.get(index) ?? cells[index]?.source;
    const after = before === undefined ? null : without(before, candidate);
    if (after === null) {
      return candidate;
    }
    edits.set(index, after);
  }
  const inOrder = [...candidates].sort((a, b) => a.cell - b.cell || a.line - b.line);
  return {
    parameters: inOrder.map(candidate => candidate.source).join('\n'),
    at: cells[0]?.kind === 'markdown' ? 1 : 0,
    edits
  };
}

function without(source: string, { line, source: statement }: Candidate): string | null {
  const lines = source.split('\n');
  const count = statement.split('\n').length;
  const taken = lines.slice(line - 1, line - 1 + count).join('\n');
  const [head, tail] = [lines.slice(0, line - 1), lines.slice(line - 1 + count)];
  if (taken.trim() === statement) {
    return tidy([...head, ...tail]);
  }
  // Others share its line: `a = 1; b = 2`.
  const start = taken.indexOf(statement);
  if (start < 0) {
    return null;
  }
  const [left, right] = [taken.slice(0, start), taken.slice(start + statement.length)];
  const rest = /^\s*;/.test(right)
    ? left + right.replace(/^\s*;\s*/, '')
    : left.replace(/\s*;\s*$/, '') + right;
  return tidy([...head, rest.trimEnd(), ...tail]);
}

/** Without the blank lines that are left over at the top. */
function tidy(lines: readonly string[]): string {
  const text = lines.join('\n').replace(/^(\s*\n)+/, '');
  return text.trim() ? text : '';
}
