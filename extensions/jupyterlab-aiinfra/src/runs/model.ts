import type { Client, IRunsFilter } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import type { Change, Facets, RunPage, RunRow } from '../api/schema';
import { Model } from '../common/Model';
import type { ILive } from '../core/tokens';
import { fits, sameFilter } from './filter';
import { insert, newerFirst, place, remove } from './rows';

/** Runs in one answer: the first one is on the screen soon; the later ones come in fewer questions. */
const FIRST_PAGE = 100;
const PAGE = 500;
/** Milliseconds until a doubtful total is asked for. */
const RECOUNT_DELAY = 500;

/** Where a list is: `loading` shows nothing yet, `failed` says why in `problem`. */
export type LoadState = 'loading' | 'ready' | 'failed';

/**
 * The runs that fit a filter, newest first: pages of the server's list, kept as they are by the live changes.
 *
 * `rows` is the newest part of the list; `total` counts all of it. `reach` loads on.
 */
export class RunsModel extends Model {
  constructor(
    private readonly client: Pick<Client, 'runs' | 'facets'>,
    private readonly live: Pick<ILive, 'changed' | 'reset' | 'state' | 'stateChanged'>
  ) {
    super();
    live.changed.connect(this.hear);
    live.reset.connect(this.startOver);
    live.stateChanged.connect(this.retry);
  }

  get rows(): readonly RunRow[] {
    return this._rows;
  }

  /** How many runs fit, loaded or not. */
  get total(): number {
    return this._total;
  }

  get filter(): Readonly<IRunsFilter> {
    return this._filter;
  }

  get state(): LoadState {
    return this._state;
  }

  /** Why the last question had no answer. Rows that came before are still there. */
  get problem(): ProblemError | null {
    return this._problem;
  }

  /** What can be filtered by. */
  get facets(): Facets {
    return this._facets;
  }

  /** Whether all that fit the filter are there. */
  get complete(): boolean {
    return this._state === 'ready' && this.next === null;
  }

  override dispose(): void {
    clearTimeout(this.recountTimer);
    this.live.changed.disconnect(this.hear);
    this.live.reset.disconnect(this.startOver);
    this.live.stateChanged.disconnect(this.retry);
    super.dispose();
  }

  /** Show the runs that fit `filter`. Until they are there, the rows are those of the filter before. */
  setFilter(filter: IRunsFilter): Promise<void> {
    if (sameFilter(filter, this._filter) && this._state !== 'failed') {
      return Promise.resolve();
    }
    this._filter = filter;
    this._state = 'loading';
    this.tell();
    return this.reload();
  }

  /** Ask for everything anew. The rows stay until the answer is there, and none of the loaded part is lost. */
  async reload(): Promise<void> {
    const wanted = Math.min(PAGE, Math.max(FIRST_PAGE, this._rows.length));
    void this.loadFacets();
    await this.load(null, wanted);
  }

  /** Load on until there are `count` rows, or all. */
  reach(count: number): Promise<void> {
    this.wanted = Math.max(this.wanted, Math.min(count, this._total));
    if (this.reaching === null && this._state === 'ready') {
      this.reaching = this.loadOn().finally(() => {
        this.reaching = null;
        this.wanted = 0;
      });
    }
    return this.reaching ?? Promise.resolve();
  }

  /** The position of a run; -1 when it isn't loaded or doesn't fit. */
  indexOf(id: string): number {
    const at = place(this._rows, id);
    return this._rows[at]?.id === id ? at : -1;
  }

  private readonly startOver = (): void => {
    void this.reload();
  };

  private readonly retry = (): void => {
    if (this.live.state === 'live' && this._problem !== null) {
      void this.reload();
    }
  };

  private async loadOn(): Promise<void> {
    while (this._rows.length < this.wanted && this.next !== null && !this.isDisposed) {
      if (!(await this.load(this.next, PAGE))) {
        return;
      }
    }
  }

  /** Whether the answer was taken: another question may have overtaken it, or it had none. */
  private async load(before: string | null, limit: number): Promise<boolean> {
    const question = before === null ? (this.question += 1) : this.question;
    const heard = this.listen();
    try {
      const page = await this.client.runs(this._filter, before, limit);
      if (question !== this.question || this.isDisposed) {
        return false;
      }
      this.take(page, before === null ? [] : this._rows, heard);
      this.tell();
      return true;
    } catch (error) {
      if (question === this.question && !this.isDisposed) {
        this.fail(asProblem(error));
      }
      return false;
    } finally {
      this.listening.delete(heard);
    }
  }

  /** The runs that are told of from now on: an answer may be older than they are. */
  private listen(): RunRow[] {
    const heard: RunRow[] = [];
    this.listening.add(heard);
    return heard;
  }

  private take(page: RunPage, above: readonly RunRow[], heard: readonly RunRow[]): void {
    this._rows = [...above, ...page.runs];
    this._total = page.total;
    this.next = page.next ?? null;
    [this._state, this._problem] = ['ready', null];
    heard.forEach(run => this.merge(run));
    if (heard.length > 0) {
      this.recountSoon();
    }
    this.settleTotal();
  }

  private fail(problem: ProblemError): void {
    this._problem = problem;
    if (this._state === 'loading') {
      [this._state, this._rows, this._total] = ['failed', [], 0];
    }
    this.tell();
  }

  private readonly hear = (_: unknown, change: Change): void => {
    const { run } = change;
    this.listening.forEach(heard => heard.push(run));
    if (this._state !== 'ready') {
      return;
    }
    this.learn(run);
    if (this.merge(run)) {
      this.settleTotal();
      this.tell();
    }
  };

  /** Take a run in: whether that changes anything. */
  private merge(run: RunRow): boolean {
    const at = place(this._rows, run.id);
    const there = this._rows[at]?.id === run.id;
    const fitting = fits(run, this._filter);
    if (!there && this.next !== null && newerFirst(this.next, run.id) < 0) {
      // Further down than what is loaded: whether it was counted depends on what it was before.
      if (this._filter.state) {
        this.recountSoon();
      }
      return false;
    }
    if (!fitting && !there) {
      return false;
    }
    this._rows = fitting ? insert(this._rows, at, run) : remove(this._rows, at);
    this._total += Number(fitting) - Number(there);
    return true;
  }

  private settleTotal(): void {
    if (this.next === null) {
      this._total = this._rows.length;
    }
  }

  private recountSoon(): void {
    clearTimeout(this.recountTimer);
    this.recountTimer = window.setTimeout(() => void this.recount(), RECOUNT_DELAY);
  }

  private async recount(): Promise<void> {
    const [question, heard] = [this.question, this.listen()];
    try {
      const page = await this.client.runs(this._filter, null, 1);
      if (question !== this.question || this.isDisposed) {
        return;
      }
      if (heard.length > 0) {
        this.recountSoon();
      }
      this._total = page.total;
      this.settleTotal();
      this.tell();
    } catch {
      // The number stays as it was; what keeps the server from answering shows with the next page.
    } finally {
      this.listening.delete(heard);
    }
  }

  private async loadFacets(): Promise<void> {
    try {
      this._facets = await this.client.facets();
      this.tell();
    } catch {
      // The menus stay as they were; the list says what is wrong.
    }
  }

  /** A new notebook or target is one to filter by. */
  private learn(run: RunRow): void {
    const { sources, targets } = this._facets;
    if (!sources.includes(run.source) || !targets.includes(run.target)) {
      this._facets = {
        sources: [...new Set([...sources, run.source])].sort(),
        targets: [...new Set([...targets, run.target])].sort()
      };
      this.tell();
    }
  }

  private _rows: readonly RunRow[] = [];
  private _total = 0;
  private _filter: IRunsFilter = {};
  private _facets: Facets = { sources: [], targets: [] };
  private _state: LoadState = 'loading';
  private _problem: ProblemError | null = null;
  private next: string | null = null;
  private question = 0;
  private readonly listening = new Set<RunRow[]>();
  private wanted = 0;
  private reaching: Promise<void> | null = null;
  private recountTimer = 0;
}
