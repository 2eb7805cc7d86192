import type { TranslationBundle } from '@jupyterlab/translation';

/** The word for a verdict, and the shape beside it. */
export const verdict = (drifted: boolean, trans: TranslationBundle): string =>
  drifted ? trans.__('Drifted') : trans.__('Not drifted');

export const VERDICT_SHAPES: Readonly<Record<'yes' | 'no', string>> = { yes: '▲', no: '○' };

export const shapeOf = (drifted: boolean): string => VERDICT_SHAPES[drifted ? 'yes' : 'no'];

/** How to make the first report: code, not text. */
export const FIRST_REPORT = `from aiinfra import HTML, Dataset, Input, Output
from aiinfra.monitor.drift import drift_report

# In the cell with the tag "parameters":
current: Input[Dataset] = "data/now.parquet"
reference: Input[Dataset] = "data/then.parquet"
report: Output[HTML] = "out/drift.html"

# Below it:
import pandas as pd

drift_report(pd.read_parquet(current), pd.read_parquet(reference)).save_html(report)
`;
