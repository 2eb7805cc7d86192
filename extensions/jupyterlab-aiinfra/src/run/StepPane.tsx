import { useEffect, useId, useState, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Client } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import type { RunDetail, Step, StepRecord } from '../api/schema';
import { ProblemView } from '../common/ProblemView';
import { moved } from '../common/roving';
import { hasEnded } from '../core/format';
import type { IActions } from './actions';
import { LogView } from './LogView';
import type { NotebookModel } from './notebookModel';
import { NotebookView, type ITarget } from './NotebookView';
import { DataView, RecordView } from './RecordView';
import type { Rendering } from './rendering';
import { ResourcesView } from './ResourcesView';

type Tab = 'notebook' | 'log' | 'resources' | 'data' | 'record';
const TABS: readonly Tab[] = ['notebook', 'log', 'resources', 'data', 'record'];

export interface IStepProps {
  readonly run: RunDetail;
  readonly step: Step;
  readonly notebook: NotebookModel;
  readonly target: ITarget | null;
  readonly client: Client;
  readonly rendering: Rendering;
  readonly actions: IActions;
  readonly trans: TranslationBundle;
  /** The run's next step is shown when it begins. */
  readonly follows: boolean;
  readonly followRun: (follow: boolean) => void;
  /** Changes when something has happened. */
  readonly beat: number;
}

interface IRecorded {
  readonly record: StepRecord | null;
  readonly problem: ProblemError | null;
  readonly retry: () => void;
}

/** What the step left; asked for when it begins to be needed, and again when the step has ended. */
function useRecord(client: Client, run: string, step: Step, isNeeded: boolean): IRecorded {
  const [record, setRecord] = useState<StepRecord | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [tries, setTries] = useState(0);
  const needed = isNeeded || hasEnded(step.state);
  useEffect(() => {
    let current = true;
    if (needed) {
      client.record(run, step.name).then(
        answer => {
          if (current) {
            setRecord(answer);
            setProblem(null);
          }
        },
        (error: unknown) => {
          if (current) {
            setProblem(asProblem(error));
          }
        }
      );
    }
    return () => {
      current = false;
    };
  }, [client, run, step.name, step.state, needed, tries]);
  return {
    record: record?.step === step.name ? record : null,
    problem,
    retry: () => {
      setTries(tries + 1);
    }
  };
}

/** One step: what it executes, prints, takes, read and wrote. */
export function StepPane(props: IStepProps): JSX.Element {
  const { run, step, notebook, client, actions, trans, follows, followRun } = props;
  const [tab, setTab] = useState<Tab>('notebook');
  const [follow, setFollow] = useState(props.target === null);
  const base = useId();
  const { record, problem, retry } = useRecord(client, run.id, step, tab === 'data' || tab === 'record');
  const isRunning = step.state === 'RUNNING';

  const [target, setTarget] = useState(props.target);
  if (props.target !== target) {
    setTarget(props.target);
    setTab('notebook');
    setFollow(false);
  }

  const titles: Record<Tab, string> = {
    notebook: trans.__('Notebook'),
    log: trans.__('Log'),
    resources: trans.__('Resources'),
    data: trans.__('Inputs & outputs'),
    record: trans.__('Record')
  };
  const pages = record?.outputs.filter(output => output.view === 'page' && output.file !== null) ?? [];
  const { openPage, openSource, submitAgain } = actions;
  const openLog = (): void => {
    setTab('log');
  };
  const remedies = (
    <div className="jp-aiinfra-run-actions">
      {openSource && (
        <button
          type="button"
          className="jp-aiinfra-button"
          onClick={() => {
            openSource(run);
          }}
        >
          {trans.__('Open %1', run.source)}
        </button>
      )}
      {submitAgain && (
        <button
          type="button"
          className="jp-aiinfra-button"
          onClick={() => {
            submitAgain(run);
          }}
        >
          {trans.__('Submit again')}
        </button>
      )}
      <button type="button" className="jp-aiinfra-button" onClick={openLog}>
        {trans.__('Show log')}
      </button>
    </div>
  );
  const recorded = (view: (found: StepRecord) => JSX.Element): JSX.Element =>
    record ? (
      view(record)
    ) : problem && problem.status !== 404 ? (
      <ProblemView error={problem} trans={trans} retry={retry} />
    ) : (
      <p className="jp-aiinfra-run-empty" role="status">
        {problem ? trans.__('The record appears here when the step begins.') : trans.__('Loading…')}
      </p>
    );
  const views: Record<Tab, () => JSX.Element> = {
    notebook: () => (
      <NotebookView
        key={step.name}
        notebook={notebook}
        step={step}
        target={props.target}
        rendering={props.rendering}
        trans={trans}
        remedies={remedies}
        openLog={openLog}
        copyLink={cell => {
          actions.copyLink(step.name, cell);
        }}
        follow={follow}
        setFollow={setFollow}
      />
    ),
    log: () => <LogView client={client} run={run.id} step={step} trans={trans} beat={props.beat} />,
    resources: () => <ResourcesView client={client} run={run.id} step={step} trans={trans} />,
    data: () => recorded(found => <DataView record={found} step={step} actions={actions} trans={trans} />),
    record: () => recorded(found => <RecordView record={found} step={step} actions={actions} trans={trans} />)
  };
  return (
    <section className="jp-aiinfra-step" aria-label={trans.__('Step %1', step.name)}>
      <div className="jp-aiinfra-step-head">
        <h3>{step.name}</h3>
        <div
          role="tablist"
          tabIndex={-1}
          aria-label={trans.__('What to see of the step')}
          onKeyDown={event => {
            const next = moved(event.key, TABS.indexOf(tab), TABS.length);
            const name = next === undefined ? undefined : TABS[next];
            if (name !== undefined) {
              event.preventDefault();
              setTab(name);
              document.getElementById(`${base}${name}`)?.focus();
            }
          }}
        >
          {TABS.map(name => (
            <button
              key={name}
              id={`${base}${name}`}
              type="button"
              role="tab"
              aria-selected={name === tab}
              aria-controls={`${base}panel`}
              tabIndex={name === tab ? 0 : -1}
              onClick={() => {
                setTab(name);
              }}
            >
              {titles[name]}
            </button>
          ))}
        </div>
        {openPage &&
          pages.map(page => (
            <button
              key={page.name}
              type="button"
              className="jp-aiinfra-button"
              onClick={() => {
                openPage(step.name, page.file ?? '', page.name);
              }}
            >
              {trans.__('Report: %1', page.name)}
            </button>
          ))}
        {tab === 'notebook' && !hasEnded(run.state) && (isRunning || follows) && (
          <button
            type="button"
            className="jp-aiinfra-button jp-aiinfra-follow"
            aria-pressed={follow}
            onClick={() => {
              setFollow(!follow);
              followRun(!follow);
            }}
          >
            {trans.__('Follow')}
          </button>
        )}
      </div>
      <div id={`${base}panel`} className="jp-aiinfra-panel" role="tabpanel" aria-labelledby={`${base}${tab}`}>
        {views[tab]()}
      </div>
    </section>
  );
}
