import type { RunRow } from '../api/schema';

/** A run for tests. */
export const aRun = (number: number, more: Partial<RunRow> = {}): RunRow => ({
  id: String(number),
  name: 'train',
  source: 'train.ipynb',
  source_path: 'train.ipynb',
  target: 'local',
  state: 'SUCCEEDED',
  error: null,
  created: 1000 + number,
  started: 1001 + number,
  finished: 1010 + number,
  user: 'ada',
  metrics: {},
  key_metric: null,
  steps: 1,
  steps_done: 1,
  step: null,
  cell: null,
  cells: null,
  ...more
});
