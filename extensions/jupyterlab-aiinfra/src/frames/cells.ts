import type { TablePage } from '../api/schema';

/** A cell of a table as text. Numbers are whole: nothing is rounded away. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const LEAST = 6;
const MOST = 40;

/** Widths of the columns in characters, from their names, types and first rows. */
export const widthsOf = ({ columns, rows }: Pick<TablePage, 'columns' | 'rows'>): number[] =>
  columns.map(({ name, type }, i) => {
    const longest = Math.max(name.length, type.length, ...rows.map(row => cellText(row[i]).length));
    return Math.min(MOST, Math.max(LEAST, longest + 1));
  });

/** Are the values numbers, so that they stand best below each other to the right? */
export const isNumeric = (type: string): boolean => /^(u?int|float|double|half|decimal|number)/i.test(type);
