import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Cell, CellPage, EventItem, EventPage } from '../api/schema';
import { PAGE } from './cellPages';
import { NotebookModel } from './notebookModel';

const cell = (place: number, more: Partial<Cell> = {}): Cell => ({
  id: `c${place}`,
  number: place + 1,
  kind: 'code',
  source: `print(${place})`,
  state: 'waiting',
  seconds: null,
  execution_count: null,
  outputs: [],
  ...more
});
const printed = (text: string): Cell['outputs'][number] => ({ output_type: 'stream', name: 'stdout', text });

/** A server whose events are numbered from 1: the offset after an event is its number. */
class Server {
  cellsOfNotebook: Cell[];
  log: EventItem[] = [];
  asked: string[] = [];
  broken = false;
  /** Events in one answer. */
  limit = 100;

  constructor(count: number) {
    this.cellsOfNotebook = Array.from({ length: count }, (_, place) => cell(place));
  }

  cells = (_run: string, _step: string, start = 0, count = 50): Promise<CellPage> => {
    this.asked.push(`cells ${start}`);
    const cells = this.cellsOfNotebook.slice(start, start + count);
    const page = { cells, total: this.cellsOfNotebook.length, language: 'python', offset: this.log.length };
    return this.broken ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(page);
  };

  events = (_run: string, offset: number): Promise<EventPage> => {
    this.asked.push(`events ${offset}`);
    const events = this.log.slice(offset, offset + this.limit);
    const to = offset + events.length;
    const page = { events, offset: to, more: to < this.log.length, ended: false };
    return this.broken ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(page);
  };

  private tell(kind: string, data: EventItem['data'], step = 'train'): void {
    this.log.push({ kind, time: this.log.length, step, data });
  }

  begin(place: number): void {
    this.cellsOfNotebook[place] = cell(place, { state: 'running' });
    this.tell('cell-started', { cell: place + 1, id: `c${place}`, index: place + 1 });
  }

  print(place: number, text: string): void {
    const before = this.cellsOfNotebook[place]?.outputs[0]?.text ?? '';
    this.cellsOfNotebook[place] = cell(place, {
      state: 'running',
      outputs: [printed(`${before as string}${text}`)]
    });
    this.tell('log', { text, stream: 'stdout' });
  }

  end(place: number, outputs = this.cellsOfNotebook[place]?.outputs ?? [], state = 'SUCCEEDED'): void {
    this.cellsOfNotebook[place] = cell(place, {
      state: state === 'SUCCEEDED' ? 'done' : 'failed',
      seconds: 1,
      outputs
    });
    this.tell('cell-finished', { cell: place + 1, id: `c${place}`, seconds: 1, state, outputs });
  }

  other(): void {
    this.tell('log', { text: 'of another step\n' }, 'prepare');
  }
}

describe('the notebook of a running step', () => {
  let server: Server;
  let model: NotebookModel;
  const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  const hear = async (ms = 300): Promise<void> => {
    model.hear(server.log.length);
    await settle(ms);
  };

  const begin = (count: number): void => {
    server = new Server(count);
    model = new NotebookModel(server, '1', 'train');
  };
  beforeEach(() => {
    vi.useFakeTimers();
    begin(5);
  });
  afterEach(() => {
    model.dispose();
    vi.useRealTimers();
  });

  it('shows each cell run, print and end', async () => {
    await model.open();
    server.begin(0);
    server.print(0, 'hello ');
    await hear();
    expect([model.cell(0)?.state, model.printed('c0')?.text, model.running?.place]).toEqual([
      'running',
      'hello ',
      0
    ]);
    server.other();
    server.print(0, 'you\n');
    await hear();
    expect(model.printed('c0')?.text).toBe('hello you\n');
    server.end(0);
    server.begin(1);
    await hear();
    expect([model.cell(0)?.state, model.cell(0)?.outputs]).toEqual(['done', [printed('hello you\n')]]);
    expect([model.running?.place, model.printed('c0'), model.printed('c1')?.text]).toEqual([
      1,
      undefined,
      ''
    ]);
  });

  it('goes on from what a cell had printed when somebody came to look, missing nothing and telling nothing twice', async () => {
    server.begin(2);
    server.print(2, 'early ');
    await model.open();
    expect(model.printed('c2')?.text).toBe('early ');
    server.print(2, 'late');
    await hear();
    expect(model.printed('c2')?.text).toBe('early late');
  });

  it('tells nothing twice either when the running cell is looked at later than the first one', async () => {
    begin(3 * PAGE);
    server.begin(PAGE);
    server.print(PAGE, 'a');
    await model.open();
    server.print(PAGE, 'b');
    model.want(PAGE, PAGE + 5);
    await settle();
    server.print(PAGE, 'c');
    await hear();
    expect(model.printed(`c${PAGE}`)?.text).toBe('abc');
    server.end(PAGE);
    await hear();
    expect(model.cell(PAGE)?.state).toBe('done');
  });

  it('asks for events at most four times a second, however many there are, and for all of them', async () => {
    await model.open();
    server.begin(0);
    server.limit = 7;
    for (let i = 0; i < 50; i++) {
      server.print(0, `${i} `);
      model.hear(server.log.length);
    }
    await settle(1000);
    expect(server.asked.filter(asked => asked.startsWith('events')).length).toBeLessThanOrEqual(5);
    await settle(5000);
    expect(model.printed('c0')?.text.trim().split(' ')).toHaveLength(50);
  });

  it('goes on from the last event after a lost network', async () => {
    await model.open();
    server.begin(0);
    server.print(0, 'a');
    await hear();
    server.broken = true;
    server.print(0, 'b');
    await hear();
    expect(model.problem?.unreachable).toBe(true);
    server.broken = false;
    server.print(0, 'c');
    model.refresh();
    await hear();
    expect([model.printed('c0')?.text, model.problem]).toEqual(['abc', null]);
  });

  it('fetches outputs that were too large to be told with the event', async () => {
    await model.open();
    server.begin(0);
    server.end(0, [{ truncated: 100_000 }]);
    server.cellsOfNotebook[0] = cell(0, { state: 'done', seconds: 1, outputs: [printed('x'.repeat(100))] });
    await hear(1000);
    expect(model.cell(0)?.outputs).toEqual([printed('x'.repeat(100))]);
  });

  it('fetches a cell again that was passed, though the server did not know it yet', async () => {
    server.begin(0);
    server.end(0);
    server.cellsOfNotebook[0] = cell(0);
    await model.open();
    expect(model.cell(0)?.state).toBe('waiting');
    server.cellsOfNotebook[0] = cell(0, { state: 'done', outputs: [printed('there')] });
    server.begin(1);
    await hear(2000);
    expect(model.cell(0)?.outputs).toEqual([printed('there')]);
  });

  describe("while the notebook's file lags behind the events", () => {
    const states = (): (string | null | undefined)[] => [0, 1, 2, 3].map(place => model.cell(place)?.state);
    /** The cell at `place` has ended, and the file still says that it runs. */
    const endUnsaved = (place: number): void => {
      server.end(place, [printed('there')]);
      server.cellsOfNotebook[place] = cell(place, { state: 'running' });
    };
    const save = (place: number): void => {
      server.cellsOfNotebook[place] = cell(place, { state: 'done', outputs: [printed('there')] });
    };

    it('only the last running cell of an answer runs, and the others are fetched again', async () => {
      server.begin(0);
      endUnsaved(0);
      server.begin(1);
      server.print(1, 'now');
      await model.open();
      expect([states(), model.running?.place]).toEqual([['done', 'running', 'waiting', 'waiting'], 1]);
      expect(model.printed('c1')?.text).toBe('now');
      save(0);
      await hear(2000);
      expect(model.cell(0)?.outputs).toEqual([printed('there')]);
    });

    it('no cell runs that lies before the running one', async () => {
      await model.open();
      server.begin(2);
      await hear();
      server.cellsOfNotebook[1] = cell(1, { state: 'running' });
      server.cellsOfNotebook[2] = cell(2);
      // It waits until what was passed is fetched again.
      await settle(1000);
      expect([states(), model.running?.place]).toEqual([['waiting', 'done', 'running', 'waiting'], 2]);
      save(1);
      await hear(2000);
      expect(model.cell(1)?.outputs).toEqual([printed('there')]);
    });

    it('a cell that seemed to run has ended when the next one starts', async () => {
      server.begin(0);
      endUnsaved(0);
      await model.open();
      expect(states()).toEqual(['running', 'waiting', 'waiting', 'waiting']);
      server.begin(1);
      await hear();
      expect(states()).toEqual(['done', 'running', 'waiting', 'waiting']);
      save(0);
      await hear(2000);
      expect(model.cell(0)?.outputs).toEqual([printed('there')]);
    });
  });

  it('says which cell failed', async () => {
    await model.open();
    server.begin(0);
    server.end(0, [{ output_type: 'error', ename: 'KeyError', evalue: "'dest'", traceback: [] }], 'FAILED');
    await hear();
    expect([model.cell(0)?.state, model.running]).toEqual(['failed', null]);
  });

  it('appears as soon as the step has a notebook', async () => {
    begin(0);
    await model.open();
    expect(model.total).toBe(0);
    server.cellsOfNotebook = [cell(0), cell(1)];
    server.begin(0);
    await hear();
    expect([model.total, model.running?.place]).toEqual([2, 0]);
  });
});

describe('a notebook of 2,000 cells', () => {
  let server: Server;
  let model: NotebookModel;

  beforeEach(() => {
    server = new Server(2000);
    model = new NotebookModel(server, '1', 'train');
  });
  afterEach(() => {
    model.dispose();
  });

  it('fetches what is looked at, and lets go of what is far away', async () => {
    await model.open();
    for (let first = 0; first < 2000; first += 10) {
      model.want(first, Math.min(1999, first + 15));
      await new Promise(done => setTimeout(done, 0));
    }
    const kept = Array.from({ length: 2000 }, (_, place) => place).filter(
      place => model.cell(place) !== undefined
    );
    expect(kept.length).toBeLessThan(12 * PAGE);
    expect(kept[kept.length - 1]).toBe(1999);
    expect(server.asked.length).toBe(2000 / PAGE);
  });

  it('does not fetch what was scrolled past in the meantime', async () => {
    await model.open();
    for (let first = 0; first < 2000; first += PAGE) {
      model.want(first, first + 1);
    }
    await model.locate(2000);
    expect(server.asked.length).toBeLessThan(10);
  });

  it('finds a cell by its number, also behind the cell with injected parameters', async () => {
    const renumbered = server.cellsOfNotebook.map((c, place) => ({
      ...c,
      number: place < 700 ? place + 1 : place === 700 ? null : place
    }));
    server.cellsOfNotebook = renumbered;
    expect(await model.open(1400)).toBe(1400);
    expect(model.cell(1400)?.number).toBe(1400);
    expect(await model.locate(3)).toBe(2);
    expect(await model.locate(5000)).toBeNull();
  });
});
