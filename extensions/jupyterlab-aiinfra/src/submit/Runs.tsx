import type { JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunRow } from '../api/schema';
import { useNow } from '../common/now';
import { StateBadge } from '../common/StateBadge';
import { duration, elapsed, hasEnded, metric, stateLabel } from '../core/format';
import type { ISectionProps } from './Parameters';

/** The runs that were submitted from here, as they go on. */
export function Runs(
  props: ISectionProps & { readonly open: ((id: string) => void) | null }
): JSX.Element | null {
  const { state, model, trans, open } = props;
  const { runs, targets } = state;
  const newest = runs[0];
  if (!newest) {
    return null;
  }
  return (
    <section className="jp-aiinfra-section" aria-label={trans.__('Submitted runs')}>
      <p className="jp-aiinfra-hidden" role="status">
        {trans.__('Run %1: %2', newest.id, stateLabel(newest.state, trans))}
      </p>
      <ul className="jp-aiinfra-submitted">
        {runs.map(run => (
          <RunItem
            key={run.id}
            run={run}
            open={open}
            cancel={
              targets.find(target => target.name === run.target)?.capabilities.cancel
                ? () => void model.cancel(run.id)
                : null
            }
            trans={trans}
          />
        ))}
      </ul>
    </section>
  );
}

interface IRunItemProps {
  readonly run: RunRow;
  readonly open: ((id: string) => void) | null;
  readonly cancel: (() => void) | null;
  readonly trans: TranslationBundle;
}

/** How far it is: the cell of a notebook, the steps of a pipeline. */
function progress(run: RunRow, trans: TranslationBundle): string {
  if (run.steps > 1) {
    return trans.__('step %1/%2', run.steps_done, run.steps);
  }
  return run.cell !== null && run.cells !== null ? trans.__('cell %1/%2', run.cell, run.cells) : '';
}

function outcome(run: RunRow): string {
  const value = run.key_metric === null ? undefined : run.metrics[run.key_metric];
  return value === undefined ? '' : `${run.key_metric ?? ''} ${metric(value)}`;
}

function RunItem({ run, open, cancel, trans }: IRunItemProps): JSX.Element {
  const ended = hasEnded(run.state);
  const seconds = elapsed(run, useNow(ended ? 0 : 1));
  return (
    <li data-run={run.id} data-state={run.state}>
      <span className="jp-aiinfra-field-name">{trans.__('Run %1', run.id)}</span>{' '}
      <StateBadge state={run.state} trans={trans} />
      {[ended ? outcome(run) : progress(run, trans), seconds === null ? '' : duration(seconds)]
        .filter(Boolean)
        .map(part => (
          <span key={part} className="jp-aiinfra-part">
            {part}
          </span>
        ))}
      <span className="jp-aiinfra-actions">
        {open && (
          <button
            type="button"
            className="jp-aiinfra-link"
            aria-label={trans.__('Open run %1', run.id)}
            onClick={() => {
              open(run.id);
            }}
          >
            {trans.__('Open')}
          </button>
        )}
        {cancel && ['PENDING', 'RUNNING', 'PAUSED'].includes(run.state) && (
          <button
            type="button"
            className="jp-aiinfra-link"
            aria-label={trans.__('Cancel run %1', run.id)}
            onClick={cancel}
          >
            {trans.__('Cancel')}
          </button>
        )}
      </span>
      {run.error && <p className="jp-aiinfra-error">{run.error}</p>}
    </li>
  );
}
