import type { IRunsFilter } from '../api/client';
import type { RunRow } from '../api/schema';

// The server's database knows capitals of ASCII only: what is shown live has to be what a reload shows.
const lower = (text: string): string => text.replace(/[A-Z]/g, letter => letter.toLowerCase());

/** Whether the server would list `run` under `filter`. */
export function fits(run: RunRow, filter: IRunsFilter): boolean {
  const text = lower(filter.text ?? '');
  return (
    (!filter.state || run.state === filter.state) &&
    (!filter.source || run.source === filter.source) &&
    (!filter.target || run.target === filter.target) &&
    (lower(run.name).includes(text) || lower(run.source).includes(text))
  );
}

const FIELDS = ['state', 'source', 'target', 'text'] as const;

/** Whether two filters let the same runs through. */
export const sameFilter = (a: IRunsFilter, b: IRunsFilter): boolean =>
  FIELDS.every(field => (a[field] ?? '') === (b[field] ?? ''));

/** Whether a filter lets every run through. */
export const isEmpty = (filter: IRunsFilter): boolean => sameFilter(filter, {});
