import type { TranslationBundle } from '@jupyterlab/translation';
import { memo, type ReactElement } from 'react';

import type { RunRow } from '../api/schema';
import { useNow } from '../common/now';
import { absolute, ago, duration, elapsed, hasEnded, STATE_SHAPES, stateLabel } from '../core/format';
import { failure, headline, steps } from './describe';

interface IRunItemProps {
  readonly run: RunRow;
  readonly trans: TranslationBundle;
  readonly language: string;
}

/** How long it took; for a run under way, how long it has taken, ticking. */
function Elapsed({ run }: { readonly run: RunRow }): ReactElement {
  const ticking = !hasEnded(run.state) && run.started !== null;
  const seconds = elapsed(run, useNow(ticking ? 1 : 0));
  return <span className="jp-aiinfra-Runs-duration">{seconds === null ? '' : duration(seconds)}</span>;
}

function When({ run, language }: { readonly run: RunRow; readonly language: string }): ReactElement {
  const time = run.started ?? run.created;
  const now = useNow(60);
  return (
    <time dateTime={new Date(time * 1000).toISOString()} title={absolute(time, language)}>
      {ago(Math.min(time, now), now, language)}
    </time>
  );
}

/** What a row of the list says about a run: two lines. */
export const RunItem = memo(function RunItem({ run, trans, language }: IRunItemProps): ReactElement {
  const why = failure(run);
  const state = stateLabel(run.state, trans);
  return (
    <>
      <span className="jp-aiinfra-State" data-state={run.state} role="img" aria-label={state} title={state}>
        <span className="jp-aiinfra-State-shape">{STATE_SHAPES[run.state]}</span>
      </span>
      <div className="jp-aiinfra-Runs-line">
        <span className="jp-aiinfra-Runs-number">{run.id}</span>
        <span className="jp-aiinfra-Runs-name" title={run.source}>
          {run.name}
        </span>
        <span className="jp-aiinfra-Runs-headline">{headline(run, trans)}</span>
        <Elapsed run={run} />
      </div>
      <div className="jp-aiinfra-Runs-line jp-aiinfra-Runs-more">
        {why === null ? (
          <span className="jp-aiinfra-Runs-steps">{steps(run, trans)}</span>
        ) : (
          <span className="jp-aiinfra-Runs-why" title={run.error ?? why}>
            {why}
          </span>
        )}
        <span className="jp-aiinfra-Runs-where">
          <When run={run} language={language} />
          <span className="jp-aiinfra-Runs-target">{run.target}</span>
        </span>
      </div>
    </>
  );
});
