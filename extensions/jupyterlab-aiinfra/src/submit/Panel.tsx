import { useEffect, useId, useRef, useSyncExternalStore, type JSX } from 'react';
import { closeIcon } from '@jupyterlab/ui-components';

import type { Place } from '../api/schema';
import { LiveNote } from '../common/LiveNote';
import { duration } from '../core/format';
import type { IAiinfra } from '../core/tokens';
import { Checks } from './Checks';
import { Data } from './Data';
import { nameOf } from './document';
import type { SubmitModel } from './model';
import { NoParameters } from './NoParameters';
import { Parameters } from './Parameters';
import { ProblemNote } from './ProblemNote';
import { Runs } from './Runs';
import { blockers, mustChoose, type ISubmitState } from './state';
import { Where } from './Where';

export interface IPanelProps {
  readonly aiinfra: IAiinfra;
  readonly model: SubmitModel;
  readonly language: string;
  /** The keys that submit, as they are shown; empty when there are none. */
  readonly keys: string;
  readonly close: () => void;
  readonly openRun: ((id: string) => void) | null;
}

function useModel(model: SubmitModel): ISubmitState {
  return useSyncExternalStore(
    tell => {
      model.stateChanged.connect(tell);
      return () => {
        model.stateChanged.disconnect(tell);
      };
    },
    () => model.state
  );
}

/** The submit panel of one notebook or pipeline. */
export function Panel(props: IPanelProps): JSX.Element {
  const { aiinfra, model, close } = props;
  const { trans } = aiinfra;
  const state = useModel(model);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, [model]);
  const goTo = (place: Place): void => void model.document.goTo(place);
  return (
    <div className="jp-aiinfra-submit-body">
      <header className="jp-aiinfra-submit-head">
        <h2 tabIndex={-1} ref={heading} title={state.path}>
          {trans.__('Submit %1', nameOf(state.path))}
        </h2>
        <button
          type="button"
          className="jp-aiinfra-small-button"
          aria-label={trans.__('Close')}
          title={trans.__('Close')}
          onClick={close}
        >
          <closeIcon.react tag="span" width="16px" height="16px" />
        </button>
      </header>
      <LiveNote aiinfra={aiinfra} />
      <div className="jp-aiinfra-submit-form">
        {state.phase === 'loading' && (
          <p className="jp-aiinfra-quiet" role="status">
            {trans.__('Loading…')}
          </p>
        )}
        {state.phase === 'failed' && state.problem && (
          <>
            <ProblemNote problem={state.problem} path={state.path} goTo={goTo} trans={trans} />
            <button type="button" className="jp-mod-styled" onClick={() => void model.load()}>
              {trans.__('Try again')}
            </button>
          </>
        )}
        {state.phase === 'ready' && <Sections {...props} state={state} goTo={goTo} />}
      </div>
      {state.phase === 'ready' && <Footer {...props} state={state} goTo={goTo} />}
    </div>
  );
}

type PartProps = IPanelProps & { readonly state: ISubmitState; readonly goTo: (place: Place) => void };

function Sections({ aiinfra, model, state, language, goTo }: PartProps): JSX.Element {
  const { trans } = aiinfra;
  const { source } = state;
  const section = { model, state, trans };
  const bare = source?.kind === 'notebook' && source.parameters_cell === null && !source.problem;
  return (
    <>
      {source?.description && <p className="jp-aiinfra-quiet">{source.description}</p>}
      {source && source.pipelines.length > 1 && <Pipelines {...section} names={source.pipelines} />}
      {mustChoose(state) ? null : source?.problem ? (
        <fieldset className="jp-aiinfra-section" data-section="parameters">
          <legend>{trans.__('Parameters')}</legend>
          <ProblemNote problem={source.problem} path={state.path} goTo={goTo} trans={trans} />
        </fieldset>
      ) : bare ? (
        <NoParameters {...section} />
      ) : (
        <Parameters {...section} />
      )}
      <Data {...section} language={language} />
      <Where {...section} />
      <Checks {...section} />
    </>
  );
}

function Pipelines(
  props: Pick<PartProps, 'model' | 'state'> & { readonly names: readonly string[] } & Pick<IAiinfra, 'trans'>
): JSX.Element {
  const { model, state, names, trans } = props;
  const id = useId();
  return (
    <div className="jp-aiinfra-field">
      <label htmlFor={id}>{trans.__('Pipeline')}</label>
      <select
        id={id}
        className="jp-mod-styled"
        value={state.pipeline ?? ''}
        onChange={({ target }) => void model.setPipeline(target.value)}
      >
        {state.pipeline === null && <option value="">{trans.__('Choose…')}</option>}
        {names.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What it would take, and the button; the runs stay below it. */
function Footer({ aiinfra, model, state, keys, openRun, goTo }: PartProps): JSX.Element {
  const { trans } = aiinfra;
  const id = useId();
  const why = blockers(state, trans);
  const off = why.length > 0 || state.submitting;
  return (
    <footer className="jp-aiinfra-submit-foot">
      {state.actionProblem && (
        <ProblemNote problem={state.actionProblem} path={state.path} goTo={goTo} trans={trans} />
      )}
      <Estimate state={state} trans={trans} />
      <div className="jp-aiinfra-submit-row">
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept jp-aiinfra-submit-button"
          // Stays reachable when it can't be used, so that the reason can be heard.
          aria-disabled={off}
          aria-describedby={why.length ? `${id}-why` : undefined}
          onClick={() => void model.submit()}
        >
          {state.submitting ? trans.__('Submitting…') : trans.__('Submit')}
        </button>
        {keys && <kbd className="jp-aiinfra-quiet">{keys}</kbd>}
      </div>
      {why.length > 0 && (
        <p className="jp-aiinfra-quiet jp-aiinfra-why" id={`${id}-why`}>
          {why.join(' · ')}
        </p>
      )}
      <Runs model={model} state={state} trans={trans} open={openRun} />
    </footer>
  );
}

function Estimate({ state, trans }: Pick<PartProps, 'state'> & Pick<IAiinfra, 'trans'>): JSX.Element | null {
  const { preview, source } = state;
  const seconds = preview?.seconds ?? source?.seconds ?? null;
  const time =
    seconds === null
      ? ''
      : seconds < 60
        ? trans.__('About %1 s, as the last runs', Math.max(1, Math.round(seconds)))
        : trans.__('About %1, as the last runs', duration(seconds));
  const cost = typeof preview?.cost === 'number' ? trans.__('cost about %1', preview.cost.toFixed(2)) : '';
  const lines = [[time, cost].filter(Boolean).join(' · '), ...(preview?.notes ?? [])].filter(Boolean);
  return lines.length === 0 ? null : (
    <div className="jp-aiinfra-quiet jp-aiinfra-estimate">
      {lines.map(line => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
