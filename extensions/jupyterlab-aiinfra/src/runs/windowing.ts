/** The height of a row in pixels: `style/runs.css` has the same. */
export const ROW = 44;

/** Rows that are drawn above and below what is seen, for a scroll that is faster than the drawing. */
const SPARE = 8;

/** The rows to draw, from `start` to before `end`. */
export interface IRange {
  readonly start: number;
  readonly end: number;
}

/** The rows that are seen at `top` in a box of `height` pixels, and some more, of `total`. */
export function visible(top: number, height: number, total: number): IRange {
  const first = Math.floor(top / ROW);
  const last = Math.ceil((top + height) / ROW);
  return {
    start: Math.max(0, Math.min(first, total) - SPARE),
    end: Math.min(total, last + SPARE)
  };
}

/** Where to scroll so that row `at` is seen whole: as little as needed. */
export function scrolledTo(at: number, top: number, height: number): number {
  return Math.min(at * ROW, Math.max(top, (at + 1) * ROW - height));
}
