import type { Client } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import type { Cell, CellPage, EventItem } from '../api/schema';
import { Model } from '../common/Model';
import { asFinished, asStarted, cellEvent, isTruncated } from './cellEvents';
import { CellPages, PAGE, pageOf } from './cellPages';
import { Line } from './line';
import { Printed } from './printed';

/** Milliseconds from one question for events to the next one. */
const PACE = 250;
/** Milliseconds until cells are fetched again that the server has not been able to tell fully. */
const LATER = 1200;

/** The cell that is running: its place is null as long as nobody knows it. */
export interface IRunning {
  readonly id: string;
  readonly number: number;
  readonly place: number | null;
}

type Asked = Pick<Client, 'cells' | 'events'>;

/**
 * The executed notebook of a step while it comes about.
 *
 * Cells are fetched in pages, as they are looked at. From the first page on, the run's events are read from where that
 * page was: each once. All questions to the server stand in one line, so that no answer is older than the one before.
 */
export class NotebookModel extends Model {
  constructor(
    private readonly client: Asked,
    readonly run: string,
    readonly step: string
  ) {
    super();
  }

  language = 'python';
  running: IRunning | null = null;
  /** Why the last question had no answer. */
  problem: ProblemError | null = null;
  /** The first answer has come. */
  ready = false;

  /** All cells of the notebook; 0 as long as there is none. */
  get total(): number {
    return this.pages.total;
  }

  /** The cell at `place`, if it is in memory. */
  cell(place: number): Cell | undefined {
    return this.pages.cell(place);
  }

  /** What the cell with this id has printed since we look on. */
  printed(id: string): Printed | undefined {
    return this.texts.get(id);
  }

  /** Begin, with the cells around the cell of the source that has this number. Resolves to its place. */
  async open(number: number | null = null): Promise<number | null> {
    const place = this.pages.guess(number) ?? 0;
    this.want(place, place);
    await this.line.settled;
    return number === null ? null : this.locate(number);
  }

  /** The place of the cell of the source that has this number, once that is known. */
  async locate(number: number): Promise<number | null> {
    let place = this.pages.guess(number) ?? 0;
    for (let tries = 0; tries < 3; tries++) {
      this.want(place, place);
      await this.line.settled;
      const page = this.pages.cells(pageOf(place));
      const found = page.findIndex(cell => cell.number === number);
      if (found !== -1) {
        return pageOf(place) * PAGE + found;
      }
      const first = page.find(cell => cell.number !== null);
      if (first?.number === undefined || first.number === null) {
        return null;
      }
      place = Math.min(this.total - 1, Math.max(0, place + Math.sign(number - first.number) * PAGE));
    }
    return null;
  }

  /** Begin where the step is: `index` is that of the running cell among the code cells. Resolves to its place. */
  async openRunning(index: number): Promise<number | null> {
    await this.open(index);
    for (
      let place = this.pages.guess(index) ?? 0;
      place < this.total && this.running === null;
      place += PAGE
    ) {
      this.want(place, place);
      await this.line.settled;
    }
    return this.running?.place ?? null;
  }

  /** These places are looked at: their cells come, those far away are let go of. */
  want(first: number, last: number): void {
    for (const page of this.pages.want(first, last)) {
      if (!this.pages.has(page) && !this.loading.has(page)) {
        this.loading.add(page);
        void this.line.ask(() => this.load(page));
      }
    }
  }

  /** The run's events go to `offset` now. */
  hear(offset: number): void {
    this.known = Math.max(this.known, offset);
    if (!this.ready || this.total === 0) {
      this.later(0, 0);
    }
    this.pump();
  }

  /** Look again: after an error, or when the step has ended. What is shown stays until the answers are there. */
  refresh(): void {
    for (const page of this.ready ? this.pages.numbers() : [0]) {
      this.later(page, 0);
    }
    this.pump();
  }

  override dispose(): void {
    clearTimeout(this.pacing);
    this.line.dispose();
    super.dispose();
  }

  // -- cells ------------------------------------------------------------------------------------------------------

  private async load(page: number, again = false): Promise<void> {
    try {
      if (this.pages.isNear(page) && (again || !this.pages.has(page))) {
        this.take(page, await this.fetch(page * PAGE));
        this.problem = null;
        this.ready = true;
        this.tell();
      }
    } catch (error) {
      this.problem = asProblem(error);
      this.tell();
    } finally {
      this.loading.delete(page);
    }
  }

  /** A page, also where the server gives it in parts, because its cells are large. */
  private async fetch(start: number): Promise<CellPage> {
    const first = await this.client.cells(this.run, this.step, start, PAGE);
    const cells = [...first.cells];
    const whole = (): boolean => cells.length >= Math.min(PAGE, first.total - start);
    while (!whole()) {
      const next = await this.client.cells(this.run, this.step, start + cells.length, PAGE - cells.length);
      if (next.cells.length === 0) {
        break;
      }
      cells.push(...next.cells);
    }
    return { ...first, cells };
  }

  private take(page: number, answer: CellPage): void {
    this.pages.locate(page, answer.cells);
    const begun = this.unheard(answer);
    if (this.offset === null || begun !== undefined) {
      // What it has printed up to now is in this answer, and later text in later events: start from here.
      this.pages.clear();
      this.texts.clear();
      this.offset = answer.offset;
      this.known = Math.max(this.known, answer.offset);
    }
    this.pages.total = answer.total;
    this.language = answer.language;
    if (begun !== undefined) {
      const { id, number } = begun;
      this.running = { id, number: number ?? 0, place: this.pages.placeOf(id) ?? null };
      this.texts.set(id, this.firstText(begun));
    }
    this.pages.put(
      page,
      answer.cells.map(cell => this.merged(page, cell))
    );
    this.placeRunning();
  }

  /**
   * The running cell of an answer, if no event has told of it.
   *
   * The notebook's file lags behind the events, and then cells that have ended are still running in it: only the last
   * of them can be the one, and none that was passed.
   */
  private unheard({ cells }: CellPage): Cell | undefined {
    const last = cells.filter(cell => cell.state === 'running').pop();
    if (last === undefined || last.id === this.running?.id || this.finished.has(last.id)) {
      return undefined;
    }
    const isPassed = (this.pages.placeOf(last.id) ?? 0) < (this.running?.place ?? 0);
    return isPassed ? undefined : last;
  }

  /** A cell as the server tells it, unless its events have told more. */
  private merged(page: number, cell: Cell): Cell {
    const done = this.finished.get(cell.id);
    if (done !== undefined && cell.state !== 'done' && cell.state !== 'failed') {
      this.later(page);
      return { ...cell, ...done };
    }
    if (cell.id === this.running?.id) {
      return { ...cell, state: 'running' };
    }
    if (cell.state === 'running') {
      this.later(page);
      return { ...cell, state: 'done' };
    }
    return cell;
  }

  /** The text that a running cell had printed when we came. The rest of its outputs stays in the cell. */
  private firstText(cell: Cell): Printed {
    const printed = new Printed();
    for (const output of cell.outputs) {
      if (output.output_type === 'stream') {
        const text = output.text;
        const name = output.name;
        printed.add(
          Array.isArray(text) ? text.join('') : String(text),
          typeof name === 'string' ? name : undefined
        );
      }
    }
    return printed;
  }

  // -- events -----------------------------------------------------------------------------------------------------

  private pump(): void {
    if (this.pumping || this.offset === null || (this.offset >= this.known && !this.more)) {
      return;
    }
    this.pumping = true;
    const began = Date.now();
    this.line
      .ask(() => this.ask())
      .then(
        goesOn => {
          const rest = Math.max(0, began + PACE - Date.now());
          this.pacing = setTimeout(() => {
            this.pumping = false;
            if (goesOn) {
              this.pump();
            }
          }, rest);
        },
        () => undefined
      );
  }

  /** Whether there was an answer. */
  private async ask(): Promise<boolean> {
    const from = this.offset ?? 0;
    try {
      const answer = await this.client.events(this.run, from);
      if (this.offset === from) {
        this.offset = answer.offset;
        this.more = answer.more && answer.offset > from;
        this.known = this.more || answer.offset > from ? this.known : answer.offset;
        answer.events
          .filter(event => event.step === this.step)
          .forEach(event => {
            this.apply(event);
          });
        this.problem = null;
        this.tell();
      }
      return true;
    } catch (error) {
      this.problem = asProblem(error);
      this.tell();
      return false;
    }
  }

  private apply(event: EventItem): void {
    switch (event.kind) {
      case 'cell-started':
        this.start(event);
        break;
      case 'log':
        this.print(event);
        break;
      case 'cell-finished':
        this.finish(event);
        break;
      case 'step-started':
      case 'step-finished':
        this.running = null;
        for (const page of this.pages.numbers()) {
          this.later(page);
        }
        break;
      default:
    }
  }

  private start(event: EventItem): void {
    const { id, number } = cellEvent(event);
    this.running = { id, number, place: this.pages.placeOf(id) ?? null };
    this.finished.delete(id);
    this.texts.clear();
    this.texts.set(id, new Printed());
    this.placeRunning();
    this.pages.replace(id, asStarted);
    this.mendBefore();
  }

  private print(event: EventItem): void {
    const { text, stream } = event.data;
    if (this.running !== null && typeof text === 'string') {
      const printed = this.texts.get(this.running.id) ?? new Printed();
      printed.add(text, typeof stream === 'string' ? stream : undefined);
      this.texts.set(this.running.id, printed);
    }
  }

  private finish(event: EventItem): void {
    const { id } = cellEvent(event);
    const ended = asFinished(event);
    this.finished.set(id, { state: ended.state, seconds: ended.seconds });
    this.texts.delete(id);
    if (this.running?.id === id) {
      this.running = null;
    }
    const cut = ended.outputs.some(isTruncated);
    this.pages.replace(id, cell => ({ ...cell, ...ended, outputs: cut ? cell.outputs : ended.outputs }));
    const place = this.pages.placeOf(id);
    if (cut && place !== undefined) {
      this.later(pageOf(place), PACE);
    }
  }

  /** The running cell's place, by its id, or near by its number. */
  private placeRunning(): void {
    if (this.running !== null) {
      const place =
        this.pages.placeOf(this.running.id) ?? (this.ready ? this.pages.guess(this.running.number) : null);
      this.running = { ...this.running, place };
    }
  }

  /** One cell runs at a time, and one that was passed has ended: what seems to be otherwise is fetched again. */
  private mendBefore(): void {
    const until = this.running?.place ?? 0;
    const isRunning = (cell: Cell): boolean => cell.state === 'running' && cell.id !== this.running?.id;
    for (const page of this.pages.numbers()) {
      const cells = this.pages.cells(page);
      const isMissed = (cell: Cell, at: number): boolean =>
        page * PAGE + at < until && cell.source.trim() !== '' && cell.state === 'waiting';
      if (cells.some(isRunning) || cells.some(isMissed)) {
        cells.filter(isRunning).forEach(({ id }) => {
          this.pages.replace(id, cell => ({ ...cell, state: 'done' }));
        });
        this.later(page);
      }
    }
  }

  private later(page: number, delay = LATER): void {
    this.line.later(page, delay, () => this.load(page, true));
  }

  private readonly line = new Line();
  private readonly pages = new CellPages();
  private readonly texts = new Map<string, Printed>();
  private readonly finished = new Map<string, Pick<Cell, 'state' | 'seconds'>>();
  private readonly loading = new Set<number>();
  private offset: number | null = null;
  private known = 0;
  private more = false;
  private pumping = false;
  private pacing: ReturnType<typeof setTimeout> | undefined;
}
