import { useState, type JSX } from 'react';
import { ServerConnection } from '@jupyterlab/services';
import { VDomRenderer } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import type { IAiinfra } from '../core/tokens';
import { MlflowModel } from './mlflow-model';

/** Which page of MLflow: what follows the `#`. */
export type MlflowPlace = Readonly<Partial<Record<'fragment' | 'title', string>>>;

interface IProps {
  readonly aiinfra: IAiinfra;
  readonly model: MlflowModel;
  readonly url: string;
  readonly title: string;
}

function Failed({ aiinfra, model }: Pick<IProps, 'aiinfra' | 'model'>): JSX.Element {
  const { trans } = aiinfra;
  const offline = model.state === 'offline';
  return (
    <div className="jp-aiinfra-problem" role="alert">
      <p className="jp-aiinfra-problem-what">
        {offline ? trans.__('The server does not answer.') : trans.__('MLflow could not be started.')}
      </p>
      {model.log && (
        <>
          <p>{trans.__('This is what it said last:')}</p>
          <pre>{model.log}</pre>
        </>
      )}
      {!offline && (
        <p className="jp-aiinfra-problem-remedy">
          {trans.__(
            'Its whole log is in mlflow-server.log beside the runs. When the cause is mended, try again.'
          )}
        </p>
      )}
      <button type="button" className="jp-mod-styled jp-mod-minimal" onClick={model.retry}>
        {trans.__('Try again')}
      </button>
    </div>
  );
}

/** MLflow needs the Lab's origin for its own requests, so this frame has no sandbox; what runs wrote has, on the server. */
function Frame({ aiinfra, url, title }: Pick<IProps, 'aiinfra' | 'url' | 'title'>): JSX.Element {
  const [loaded, setLoaded] = useState(false);
  return (
    <>
      {!loaded && <p role="status">{aiinfra.trans.__('Loading…')}</p>}
      <iframe
        src={url}
        title={title}
        referrerPolicy="no-referrer"
        onLoad={() => {
          setLoaded(true);
        }}
      />
    </>
  );
}

function View(props: IProps): JSX.Element {
  const { aiinfra, model, url } = props;
  const { trans } = aiinfra;
  const { state } = model;
  return (
    <>
      {state === 'starting' && (
        <p role="status">{trans.__('MLflow is starting. This takes about ten seconds.')}</p>
      )}
      {(state === 'failed' || state === 'offline') && <Failed aiinfra={aiinfra} model={model} />}
      {state === 'elsewhere' && (
        <p>
          {trans.__('MLflow is served at an address of its own.')}{' '}
          <a href={url} target="_blank" rel="noopener noreferrer">
            {trans.__('Open it in a new tab')}
          </a>
        </p>
      )}
      {state === 'there' && <Frame {...props} />}
    </>
  );
}

/** MLflow, in the main area. */
export class MlflowWidget extends VDomRenderer<MlflowModel> {
  constructor(
    private readonly aiinfra: IAiinfra,
    readonly place: MlflowPlace
  ) {
    const { client } = aiinfra;
    const init: RequestInit = { method: 'GET', redirect: 'manual', cache: 'no-store' };
    super(
      new MlflowModel(() =>
        ServerConnection.makeRequest(client.mlflowUrl('').split('#')[0] ?? '', init, client.settings)
      )
    );
    this.addClass('jp-aiinfra-view');
    this.addClass('jp-aiinfra-frame');
    this.node.tabIndex = -1;
    this.title.label = place.title ?? 'MLflow';
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
    const url = this.aiinfra.client.mlflowUrl(this.place.fragment ?? '/');
    return <View aiinfra={this.aiinfra} model={this.model} url={url} title={this.title.label} />;
  }
}
