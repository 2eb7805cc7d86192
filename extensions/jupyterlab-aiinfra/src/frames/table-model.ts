import { asProblem, type ProblemError } from '../api/problem';
import type { Column, TablePage } from '../api/schema';
import { Model } from '../common/Model';
import { widthsOf } from './cells';

export const PAGE = 100;
/** Pages that are kept; further ones push out those that are furthest from what is looked at. */
const KEPT = 40;

type Row = readonly unknown[];

/** A table of which only the pages that are looked at are fetched. */
export class TableModel extends Model {
  constructor(private readonly fetch: (start: number, count: number) => Promise<TablePage>) {
    super();
    this.want(0, 1);
  }

  get columns(): readonly Column[] {
    return this._columns;
  }

  /** In characters. */
  get widths(): readonly number[] {
    return this._widths;
  }

  /** How many rows there are; null until that is known. */
  get total(): number | null {
    return this._total;
  }

  get problem(): ProblemError | null {
    return this._problem;
  }

  /** A row, counted from 0; null while it is on its way. */
  row(index: number): Row | null {
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
  }

  /** See to it that the rows from `first` up to `last` come. */
  want(first: number, last: number): void {
    const [from, to] = [Math.floor(first / PAGE), Math.floor(Math.max(first, last - 1) / PAGE)];
    this.looked = from;
    for (let page = from; page <= to; page += 1) {
      if (!this.pages.has(page) && !this.coming.has(page) && !this._problem) {
        void this.load(page);
      }
    }
  }

  readonly retry = (): void => {
    this._problem = null;
    this.tell();
    this.want(this.looked * PAGE, this.looked * PAGE + 1);
  };

  private async load(page: number): Promise<void> {
    this.coming.add(page);
    try {
      const { columns, rows, total } = await this.fetch(page * PAGE, PAGE);
      if (this._columns.length === 0) {
        [this._columns, this._widths] = [columns, widthsOf({ columns, rows })];
      }
      this._total = total;
      this.pages.set(page, rows);
      this.forget();
    } catch (error) {
      this._problem = asProblem(error);
    } finally {
      this.coming.delete(page);
    }
    this.tell();
  }

  private forget(): void {
    const far = (page: number): number => Math.abs(page - this.looked);
    while (this.pages.size > KEPT) {
      this.pages.delete([...this.pages.keys()].reduce((a, b) => (far(a) > far(b) ? a : b)));
    }
  }

  private readonly pages = new Map<number, readonly Row[]>();
  private readonly coming = new Set<number>();
  private looked = 0;
  private _columns: readonly Column[] = [];
  private _widths: readonly number[] = [];
  private _total: number | null = null;
  private _problem: ProblemError | null = null;
}
