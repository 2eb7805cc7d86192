import type { JSX } from 'react';
import { VDomRenderer } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import type { DriftSubject } from '../api/schema';
import { LiveNote } from '../common/LiveNote';
import { ProblemView } from '../common/ProblemView';
import type { IAiinfra } from '../core/tokens';
import { DriftModel } from './model';
import { Subject, type IShow } from './Subject';
import { FIRST_REPORT, shapeOf, verdict } from './words';

type IProps = IShow & { readonly model: DriftModel };

function Empty({
  aiinfra,
  source
}: {
  readonly aiinfra: IAiinfra;
  readonly source: string | null;
}): JSX.Element {
  const { trans } = aiinfra;
  return (
    <div className="jp-aiinfra-empty">
      <p>
        {source === null
          ? trans.__('No run has written a drift report yet.')
          : trans.__('No run of %1 has written a drift report yet.', source)}
      </p>
      <p>
        {trans.__(
          'A notebook writes one when it compares the data of now with the data that a model learned from, and saves the page as an output:'
        )}
      </p>
      <pre>{FIRST_REPORT}</pre>
      <p>
        {trans.__(
          'Submit that notebook; each of its runs adds a report here. The whole of it is in pipelines/flights/drift.ipynb.'
        )}
      </p>
    </div>
  );
}

function Choice(props: IProps & { readonly subject: DriftSubject }): JSX.Element {
  const { aiinfra, model, subject } = props;
  const latest = subject.reports.at(-1);
  return (
    <li>
      <button
        type="button"
        aria-current={model.subject === subject}
        onClick={() => {
          model.choose(subject);
        }}
      >
        <span>{subject.name}</span>
        <span className="jp-aiinfra-quiet">{subject.source}</span>
        {latest && (
          <span className="jp-aiinfra-verdict" data-drifted={latest.drifted}>
            <span aria-hidden="true">{shapeOf(latest.drifted)}</span> {verdict(latest.drifted, aiinfra.trans)}
          </span>
        )}
      </button>
    </li>
  );
}

function View(props: IProps): JSX.Element {
  const { aiinfra, model } = props;
  const { trans } = aiinfra;
  const { history, problem, source, subject } = model;
  return (
    <>
      <div className="jp-aiinfra-view-head">
        <h2>{source === null ? trans.__('Drift') : trans.__('Drift in %1', source)}</h2>
        {source !== null && (
          <button
            type="button"
            className="jp-mod-styled jp-mod-minimal"
            onClick={() => {
              model.showAll();
            }}
          >
            {trans.__('Show all')}
          </button>
        )}
        <LiveNote aiinfra={aiinfra} />
      </div>
      {problem && <ProblemView error={problem} trans={trans} retry={model.load} />}
      {!history && !problem && <p role="status">{trans.__('Loading…')}</p>}
      {history?.notes.map(note => (
        <p key={note} className="jp-aiinfra-note">
          {note}
        </p>
      ))}
      {history?.subjects.length === 0 && <Empty aiinfra={aiinfra} source={source} />}
      {history && subject && (
        <div className="jp-aiinfra-drift-body">
          <nav aria-label={trans.__('What is watched')}>
            <ul>
              {history.subjects.map(one => (
                <Choice key={`${one.source} ${one.name}`} {...props} subject={one} />
              ))}
            </ul>
          </nav>
          <Subject {...props} key={`${subject.source} ${subject.name}`} subject={subject} />
        </div>
      )}
    </>
  );
}

/** The drift reports of the project, in the main area. */
export class DriftWidget extends VDomRenderer<DriftModel> {
  constructor(
    private readonly given: IShow,
    /** What it was opened for; all can be looked at from there. */
    readonly source: string | null
  ) {
    super(new DriftModel(given.aiinfra.client, given.aiinfra.live, source));
    this.addClass('jp-aiinfra-view');
    this.addClass('jp-aiinfra-drift');
    this.node.tabIndex = -1;
    this.title.label = given.aiinfra.trans.__('Drift');
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
    return <View {...this.given} model={this.model} />;
  }
}
