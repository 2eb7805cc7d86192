import type { RunRow } from '../api/schema';

/** Runs are numbered as they are made. */
export const newerFirst = (a: string, b: string): number => Number(b) - Number(a);

/** Where the run `id` is in `rows` (newest first), or belongs. */
export function place(rows: readonly RunRow[], id: string): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = rows[middle];
    if (other !== undefined && newerFirst(other.id, id) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** `rows` with `run` at `at`, in the place of the same run if that is there. */
export function insert(rows: readonly RunRow[], at: number, run: RunRow): readonly RunRow[] {
  const replaced = rows[at]?.id === run.id ? 1 : 0;
  return [...rows.slice(0, at), run, ...rows.slice(at + replaced)];
}

/** `rows` without the one at `at`. */
export const remove = (rows: readonly RunRow[], at: number): readonly RunRow[] => [
  ...rows.slice(0, at),
  ...rows.slice(at + 1)
];
