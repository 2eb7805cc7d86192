/** Pixels. A row is as high as the stylesheet says; browsers can't lay out what is higher than some ten million. */
export const ROW = 24;
export const HIGHEST = 8_000_000;

/** Rows beyond those in sight, so that a short scroll shows no gap. */
const BESIDE = 10;

/** The rows to draw, from `first` up to but not including `last`, with the empty space around them in pixels. */
export interface IWindow {
  readonly first: number;
  readonly last: number;
  readonly before: number;
  readonly after: number;
}

const heightOf = (total: number): number => Math.min(total * ROW, HIGHEST);

/** How far the table can be scrolled, and how far down its rows go. */
function reach(total: number, viewport: number): { pixels: number; rows: number } {
  const fitting = Math.max(1, Math.floor(viewport / ROW));
  return { pixels: Math.max(0, heightOf(total) - viewport), rows: Math.max(0, total - fitting) };
}

/** What is to be drawn of `total` rows. In a table too high to lay out, a scrolled pixel is worth more than one. */
export function windowOf(total: number, scrollTop: number, viewport: number): IWindow {
  const height = heightOf(total);
  const fitting = Math.ceil(viewport / ROW) + 1;
  if (total * ROW <= HIGHEST) {
    const top = Math.min(Math.max(0, Math.floor(scrollTop / ROW)), Math.max(0, total - 1));
    const first = Math.max(0, top - BESIDE);
    const last = Math.min(total, top + fitting + BESIDE);
    return { first, last, before: first * ROW, after: height - last * ROW };
  }
  const { pixels, rows } = reach(total, viewport);
  const share = Math.min(1, Math.max(0, scrollTop / pixels));
  const first = Math.round(share * rows);
  const last = Math.min(total, first + fitting);
  const drawn = (last - first) * ROW;
  const before = Math.min(Math.max(0, scrollTop), height - drawn);
  return { first, last, before, after: height - drawn - before };
}

/** How far to scroll for `row`, counted from 0, to be the first in sight. */
export function scrollFor(row: number, total: number, viewport: number): number {
  const { pixels, rows } = reach(total, viewport);
  return total * ROW <= HIGHEST
    ? Math.min(row * ROW, pixels)
    : rows === 0
      ? 0
      : (Math.min(row, rows) / rows) * pixels;
}
