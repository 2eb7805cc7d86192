import { useRef, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunDetail, Step } from '../api/schema';
import { StateBadge } from '../common/StateBadge';
import { useNow } from '../common/now';
import { absolute, ago, duration, elapsed, hasEnded } from '../core/format';
import type { IActions } from './actions';

interface IProps {
  readonly run: RunDetail;
  readonly step: Step | null;
  readonly actions: IActions;
  readonly trans: TranslationBundle;
  readonly language: string;
}

function Action(props: { readonly label: string; readonly act: (() => void) | null }): JSX.Element | null {
  return props.act === null ? null : (
    <button type="button" className="jp-aiinfra-button" onClick={props.act}>
      {props.label}
    </button>
  );
}

/** What is possible now: an action that isn't has no button. */
function Actions({ run, step, actions, trans }: Omit<IProps, 'language'>): JSX.Element {
  const menu = useRef<HTMLButtonElement>(null);
  const { cancel, submitAgain, compare, openMlflow } = actions;
  const page = step?.mlflow ?? run.mlflow;
  const isCancelable = run.capabilities.cancel && !hasEnded(run.state) && run.state !== 'CANCELING';
  const hasStarted = step !== null && step.started !== null;
  return (
    <div className="jp-aiinfra-run-actions" role="group" aria-label={trans.__('Actions')}>
      <Action
        label={trans.__('Cancel')}
        act={
          isCancelable && cancel
            ? () => {
                cancel(run);
              }
            : null
        }
      />
      <Action
        label={trans.__('Submit again')}
        act={
          submitAgain
            ? () => {
                submitAgain(run);
              }
            : null
        }
      />
      <Action
        label={trans.__('Open as a copy')}
        act={
          hasStarted
            ? () => {
                actions.openCopy(step.name);
              }
            : null
        }
      />
      <Action
        label={trans.__('Compare')}
        act={
          compare
            ? () => {
                compare(run);
              }
            : null
        }
      />
      <Action
        label={trans.__('MLflow')}
        act={
          page !== null && openMlflow
            ? () => {
                openMlflow(page, run.name);
              }
            : null
        }
      />
      {hasStarted && (
        <button
          type="button"
          className="jp-aiinfra-button"
          ref={menu}
          aria-haspopup="menu"
          onClick={() => {
            if (menu.current) {
              actions.download(run, step, menu.current);
            }
          }}
        >
          {trans.__('Download')} <span aria-hidden="true">▾</span>
        </button>
      )}
      <Action
        label={trans.__('Copy link')}
        act={() => {
          actions.copyLink(step?.name ?? null, null);
        }}
      />
    </div>
  );
}

/** Which run this is, how it is, and what can be done. */
export function RunHeader({ run, step, actions, trans, language }: IProps): JSX.Element {
  const now = useNow(hasEnded(run.state) ? 30 : 1);
  const took = elapsed(run, now);
  const began = run.started ?? run.created;
  return (
    <header className="jp-aiinfra-run-header">
      <div className="jp-aiinfra-run-facts">
        <h2>{trans.__('Run %1 %2', run.id, run.name)}</h2>
        <span role="status">
          <StateBadge state={run.state} trans={trans} />
        </span>
        {took !== null && <span>{duration(took)}</span>}
        <span>{trans.__('on %1', run.target)}</span>
        {run.user !== '' && <span>{trans.__('by %1', run.user)}</span>}
        <span title={absolute(began, language)}>{ago(began, Math.max(began, now), language)}</span>
      </div>
      <Actions run={run} step={step} actions={actions} trans={trans} />
      {run.error !== null && (
        <p className="jp-aiinfra-run-error">
          <span aria-hidden="true">✗</span> {run.error}
        </p>
      )}
    </header>
  );
}
