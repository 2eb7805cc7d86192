import type { JSX } from 'react';
import { addIcon, VDomRenderer } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import { LiveNote } from '../common/LiveNote';
import { ProblemView } from '../common/ProblemView';
import type { IAiinfra } from '../core/tokens';
import { isSweep } from './axes';
import { chooseRuns } from './Choose';
import { CompareTable } from './CompareTable';
import { CompareModel } from './model';
import { Plots } from './Plots';

interface IOptions {
  readonly aiinfra: IAiinfra;
  readonly language: string;
  readonly ids: readonly string[];
  readonly openRun: (id: string) => void;
}

function Head({
  aiinfra,
  language,
  model
}: Omit<IOptions, 'ids' | 'openRun'> & { model: CompareModel }): JSX.Element {
  const { trans } = aiinfra;
  const add = async (): Promise<void> => {
    model.add(await chooseRuns(aiinfra, language, model.ids));
  };
  return (
    <div className="jp-aiinfra-view-head">
      <h2>{trans.__('Compare runs')}</h2>
      <button type="button" className="jp-mod-styled jp-mod-minimal" onClick={() => void add()}>
        <addIcon.react tag="span" width="14px" height="14px" verticalAlign="middle" /> {trans.__('Add runs')}
      </button>
      <LiveNote aiinfra={aiinfra} />
    </div>
  );
}

function Body(props: IOptions & { readonly model: CompareModel }): JSX.Element | null {
  const { aiinfra, model } = props;
  const { trans } = aiinfra;
  const { comparison, problem, ids } = model;
  if (!comparison) {
    if (problem) {
      return null;
    }
    return (
      <p role="status" className="jp-aiinfra-quiet">
        {ids.length > 0 ? trans.__('Loading…') : trans.__('Add two runs or more to see what is different.')}
      </p>
    );
  }
  return (
    <>
      {comparison.runs.length === 1 && (
        <p role="status">
          {trans.__('There is only one run here. Add another one to see what is different.')}
        </p>
      )}
      {comparison.notes.map(note => (
        <p key={note} className="jp-aiinfra-note">
          {note}
        </p>
      ))}
      {/* The whole table scrolls, so it has to be reached by the keyboard. */}
      <div
        className="jp-aiinfra-compare-scroll"
        role="region"
        aria-label={trans.__('Differences')}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <CompareTable {...props} comparison={comparison} />
      </div>
      {isSweep(comparison) && <Plots {...props} comparison={comparison} />}
    </>
  );
}

/** Runs side by side, in the main area. */
export class CompareWidget extends VDomRenderer<CompareModel> {
  constructor(private readonly options: IOptions) {
    super(new CompareModel(options.aiinfra.client, options.aiinfra.live, options.ids));
    this.addClass('jp-aiinfra-view');
    this.addClass('jp-aiinfra-compare');
    this.node.tabIndex = -1;
    this.model.stateChanged.connect(this.name);
    this.name();
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this.node.focus();
  }

  protected override render(): JSX.Element {
    const { model } = this;
    return (
      <>
        <Head {...this.options} model={model} />
        {model.problem && (
          <ProblemView error={model.problem} trans={this.options.aiinfra.trans} retry={model.load} />
        )}
        <Body {...this.options} model={model} />
      </>
    );
  }

  private readonly name = (): void => {
    const { trans } = this.options.aiinfra;
    this.title.label = trans.__('Compare %1', this.model.ids.join(', '));
  };
}
