import type { Comparison, RunRow } from '../api/schema';

/** A run that isn't: for tests. */
export const fakeRun = (id: string, more: Partial<RunRow> = {}): RunRow => ({
  id,
  name: 'train',
  source: 'train.ipynb',
  source_path: 'train.ipynb',
  target: 'local',
  state: 'SUCCEEDED',
  error: null,
  created: 0,
  started: 0,
  finished: 1,
  user: '',
  metrics: {},
  key_metric: null,
  steps: 1,
  steps_done: 1,
  step: null,
  cell: null,
  cells: null,
  ...more
});

/** Four runs of one sweep; the last one has failed, so it has no metric. */
export const sweep: Comparison = {
  runs: ['1', '2', '3', '4'].map(id => fakeRun(id, { key_metric: id === '4' ? null : 'auc' })),
  notes: [],
  groups: [
    {
      name: 'parameters',
      rows: [
        { name: 'rate', values: [0.001, 0.01, 0.1, 1], differs: true },
        { name: 'optimizer', values: ['adam', 'sgd', 'adam', 'sgd'], differs: true },
        { name: 'month', values: [1, 1, 1, 1], differs: false }
      ]
    },
    { name: 'data', rows: [{ name: 'flights', values: ['aa', 'aa', 'aa', 'aa'], differs: false }] },
    { name: 'code', rows: [] },
    {
      name: 'environment',
      rows: [{ name: 'python', values: ['3.11', '3.11', '3.11', '3.11'], differs: false }]
    },
    {
      name: 'metrics',
      rows: [
        { name: 'loss', values: [3, 2, 'NaN', null], differs: true },
        { name: 'train.auc', values: [0.6, 0.65, 0.7, null], differs: true }
      ]
    }
  ]
};
