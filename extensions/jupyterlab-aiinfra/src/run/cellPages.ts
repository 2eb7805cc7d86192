import { JSONExt, type ReadonlyPartialJSONValue } from '@lumino/coreutils';

import type { Cell } from '../api/schema';

/** Cells that are fetched together. */
export const PAGE = 20;
/** Pages on each side of what is looked at that are kept in memory. */
const NEAR = 4;

export const pageOf = (place: number): number => Math.floor(place / PAGE);

/** What is equal stays the same thing: it isn't drawn again. */
const same = (old: Cell | undefined, cell: Cell): Cell =>
  old !== undefined && JSONExt.deepEqual(old as ReadonlyPartialJSONValue, cell as ReadonlyPartialJSONValue)
    ? old
    : cell;

/** The cells of a notebook that are in memory, page by page, and the places of all that have ever been. */
export class CellPages {
  /** All cells of the notebook; 0 as long as there is none. */
  total = 0;

  has(page: number): boolean {
    return this.pages.has(page);
  }

  /** The pages that are in memory. */
  numbers(): readonly number[] {
    return [...this.pages.keys()];
  }

  cells(page: number): readonly Cell[] {
    return this.pages.get(page) ?? [];
  }

  cell(place: number): Cell | undefined {
    return this.pages.get(pageOf(place))?.[place % PAGE];
  }

  placeOf(id: string): number | undefined {
    return this.places.get(id);
  }

  /** Where the cell of the source with this number should be. */
  guess(number: number | null): number | null {
    if (number === null || number < 1) {
      return null;
    }
    const place = number - 1 + (this.injected !== null && number - 1 >= this.injected ? 1 : 0);
    return this.total > 0 ? Math.min(place, this.total - 1) : place;
  }

  /** These places are looked at: what is far from them is let go of. Gives their pages. */
  want(first: number, last: number): readonly number[] {
    this.wanted = [pageOf(Math.max(0, first)), pageOf(Math.max(0, last))];
    for (const page of this.numbers()) {
      if (!this.isNear(page)) {
        this.pages.delete(page);
      }
    }
    const [from, to] = this.wanted;
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  }

  isNear(page: number): boolean {
    return page >= this.wanted[0] - NEAR && page <= this.wanted[1] + NEAR;
  }

  /** Where the cells of a page are. */
  locate(page: number, cells: readonly Cell[]): void {
    cells.forEach((cell, at) => {
      this.places.set(cell.id, page * PAGE + at);
      if (cell.number === null) {
        this.injected = page * PAGE + at;
      }
    });
  }

  put(page: number, cells: readonly Cell[]): void {
    this.pages.set(
      page,
      cells.map((cell, at) => same(this.cell(page * PAGE + at), cell))
    );
  }

  /** Change the cell with this id, if it is in memory. */
  replace(id: string, change: (cell: Cell) => Cell): void {
    const place = this.places.get(id);
    const page = place === undefined ? undefined : this.pages.get(pageOf(place));
    if (place !== undefined && page !== undefined) {
      this.pages.set(
        pageOf(place),
        page.map((cell, at) => (at === place % PAGE ? change(cell) : cell))
      );
    }
  }

  clear(): void {
    this.pages.clear();
  }

  private readonly pages = new Map<number, readonly Cell[]>();
  private readonly places = new Map<string, number>();
  private wanted: readonly [number, number] = [0, 0];
  private injected: number | null = null;
}
