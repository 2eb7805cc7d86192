import { type JSX } from 'react';

import { LiveNote } from '../common/LiveNote';
import { ProblemView } from '../common/ProblemView';
import type { IAiinfra } from '../core/tokens';
import type { IActions } from './actions';
import { Graph } from './Graph';
import { useSignal } from './hooks';
import type { RunModel } from './model';
import type { ITarget } from './NotebookView';
import type { Rendering } from './rendering';
import { RunHeader } from './RunHeader';
import { StepPane } from './StepPane';

export interface IRunProps {
  readonly aiinfra: IAiinfra;
  readonly model: RunModel;
  readonly rendering: Rendering;
  readonly actions: IActions;
  readonly language: string;
  readonly target: ITarget | null;
}

/** A run: its head, the graph of its steps, and the step that is looked at. */
export function RunView({ aiinfra, model, rendering, actions, language, target }: IRunProps): JSX.Element {
  const { trans } = aiinfra;
  const beat = useSignal(model.stateChanged);
  const { detail, step, notebook } = model;
  return (
    <>
      <LiveNote aiinfra={aiinfra} />
      {model.problem && !model.problem.unreachable && (
        <ProblemView error={model.problem} trans={trans} retry={model.refresh} />
      )}
      {!detail && !model.problem && (
        <p className="jp-aiinfra-run-empty" role="status">
          {trans.__('Loading run %1…', model.id)}
        </p>
      )}
      {detail && (
        <>
          <RunHeader run={detail} step={step} actions={actions} trans={trans} language={language} />
          {detail.graph.length > 1 && (
            <Graph
              steps={detail.graph}
              selected={step?.name ?? null}
              trans={trans}
              select={name => {
                model.select(name);
              }}
            />
          )}
          {step && notebook && (
            <StepPane
              run={detail}
              step={step}
              notebook={notebook}
              target={target}
              client={aiinfra.client}
              rendering={rendering}
              actions={actions}
              trans={trans}
              follows={model.follows}
              followRun={follow => {
                if (follow) {
                  model.follow();
                }
              }}
              beat={beat}
            />
          )}
        </>
      )}
    </>
  );
}
