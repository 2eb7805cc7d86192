import type { ReactElement } from 'react';

import { LiveNote } from '../common/LiveNote';
import { ProblemView } from '../common/ProblemView';
import { useSignal } from '../common/useSignal';
import type { IAiinfra } from '../core/tokens';
import type { Chosen } from './chosen';
import { NoneFits, NoRuns, type IFirstStep } from './Empty';
import { isEmpty } from './filter';
import { Filters } from './Filters';
import type { RunsModel } from './model';
import { RunsList } from './RunsList';

export interface IRunsPanelProps {
  readonly aiinfra: IAiinfra;
  readonly runs: RunsModel;
  readonly chosen: Chosen;
  readonly language: string;
  readonly filtering: boolean;
  readonly open: (id: string) => void;
  readonly firstStep: () => IFirstStep;
}

function Head({ aiinfra, runs }: Pick<IRunsPanelProps, 'aiinfra' | 'runs'>): ReactElement {
  useSignal(aiinfra.live.stateChanged);
  const { live, trans } = aiinfra;
  return (
    <div className="jp-aiinfra-Runs-head">
      <span className="jp-aiinfra-Runs-total" role="status">
        {runs.state === 'ready' ? trans._n('%1 run', '%1 runs', runs.total) : ''}
      </span>
      {live.state === 'live' && (
        <span className="jp-aiinfra-Runs-live" title={trans.__('What happens shows here at once')}>
          {trans.__('live')}
        </span>
      )}
      <LiveNote aiinfra={aiinfra} />
    </div>
  );
}

function Body(props: IRunsPanelProps): ReactElement {
  const { aiinfra, runs, chosen, language, open, firstStep } = props;
  const { trans } = aiinfra;
  if (runs.problem !== null && runs.state === 'failed') {
    const retry = (): void => void runs.reload();
    return <ProblemView error={runs.problem} trans={trans} retry={retry} />;
  }
  if (runs.rows.length > 0) {
    return <RunsList runs={runs} chosen={chosen} trans={trans} language={language} open={open} />;
  }
  if (runs.state === 'loading') {
    return <p className="jp-aiinfra-Runs-loading">{trans.__('Loading…')}</p>;
  }
  const clear = (): void => void runs.setFilter({});
  return isEmpty(runs.filter) ? (
    <NoRuns trans={trans} step={firstStep()} />
  ) : (
    <NoneFits trans={trans} clear={clear} />
  );
}

/** The panel below its toolbar. */
export function RunsPanel(props: IRunsPanelProps): ReactElement {
  const { aiinfra, runs, filtering } = props;
  useSignal(runs.stateChanged);
  return (
    <>
      <Head aiinfra={aiinfra} runs={runs} />
      {filtering && <Filters runs={runs} trans={aiinfra.trans} />}
      <Body {...props} />
    </>
  );
}
