/** Lines that are kept, and lines that are shown as one piece of text. */
export const LINES = 2000;
const BLOCK = 100;
/** Characters of a piece: a line that never ends must not stay in one. */
const LONG = 20_000;
const CHARACTERS = 400_000;

// Colours and moves of a terminal, whole; and the beginning of one that the next text may complete.
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g;
// eslint-disable-next-line no-control-regex
const HALF = /\u001b(?:\[[0-9;?]*[ -/]*|\][^\u0007\u001b]{0,200})?$/;

/** Text without what would steer a terminal. */
export const withoutEscapes = (text: string): string => text.replace(ESCAPES, '');

export interface IBlock {
  readonly key: number;
  readonly stream: string;
  readonly text: string;
  readonly lines: number;
}

const count = (text: string): number => text.split('\n').length - 1;

/** A line as a terminal shows it: what comes after a carriage return stands over what was before it. */
function overwritten(line: string): string {
  const shown = line.endsWith('\r') ? line.slice(0, -1) : line;
  return shown.slice(shown.lastIndexOf('\r') + 1) + line.slice(shown.length);
}

/** What a cell prints: its last lines, in pieces that don't change any more besides the last. */
export class Printed {
  constructor(
    private readonly limit = LINES,
    private readonly characters = CHARACTERS
  ) {}

  /** Lines that were let go of. */
  dropped = 0;
  /** Changes with each text. */
  version = 0;

  get blocks(): readonly IBlock[] {
    return this._blocks;
  }

  get text(): string {
    return this._blocks.map(block => block.text).join('');
  }

  add(text: string, stream = 'stdout'): void {
    const whole = this.half + text;
    this.half = HALF.exec(whole)?.[0] ?? '';
    let rest = withoutEscapes(whole.slice(0, whole.length - this.half.length));
    this.version += 1;
    while (rest !== '') {
      const piece = this.piece(rest);
      rest = rest.slice(piece.length);
      this.append(piece, stream);
    }
    this.drop();
  }

  /** As much of `text` as one piece may get: `BLOCK` lines. */
  private piece(text: string): string {
    let end = -1;
    for (let lines = 0; lines < BLOCK && end < LONG; lines++) {
      const next = text.indexOf('\n', end + 1);
      if (next === -1) {
        return text.slice(0, Math.max(end + 1, LONG));
      }
      end = next;
    }
    return text.slice(0, end + 1);
  }

  private append(text: string, stream: string): void {
    const last = this._blocks[this._blocks.length - 1];
    const goesOn = last?.stream === stream && last.lines < BLOCK && last.text.length < LONG;
    // A carriage return goes back over the last line only.
    const before = goesOn ? last.text : '';
    const cut = before.lastIndexOf('\n') + 1;
    const added = before.slice(cut) + text;
    const shown = added.includes('\r') ? added.split('\n').map(overwritten).join('\n') : added;
    const all = before.slice(0, cut) + shown;
    const block = { key: goesOn ? last.key : this.next++, stream, text: all, lines: count(all) };
    this._blocks = [...(goesOn ? this._blocks.slice(0, -1) : this._blocks), block];
  }

  private drop(): void {
    let lines = this._blocks.reduce((sum, block) => sum + block.lines, 0);
    let size = this._blocks.reduce((sum, block) => sum + block.text.length, 0);
    let first = 0;
    for (; first < this._blocks.length - 1; first++) {
      const block = this._blocks[first];
      if (block === undefined || (lines - block.lines < this.limit && size <= this.characters)) {
        break;
      }
      lines -= block.lines;
      size -= block.text.length;
      this.dropped += Math.max(1, block.lines);
    }
    this._blocks = first > 0 ? this._blocks.slice(first) : this._blocks;
  }

  private _blocks: readonly IBlock[] = [];
  private half = '';
  private next = 0;
}
