import type { JSX } from 'react';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import { submitIcon } from '../common/submitIcon';
import type { IAiinfra } from '../core/tokens';
import { nameOf } from './document';
import type { SubmitModel } from './model';
import { Panel } from './Panel';

export const PANEL_ID = 'aiinfra-submit';

export interface ISubmitPanelOptions {
  readonly aiinfra: IAiinfra;
  readonly language: string;
  readonly keys: () => string;
  /** Null as long as nothing can show a run. */
  readonly openRun: () => ((id: string) => void) | null;
}

/** The one submit panel: it shows the model of one notebook or pipeline at a time. */
export class SubmitPanel extends ReactWidget {
  constructor(private readonly options: ISubmitPanelOptions) {
    super();
    this.id = PANEL_ID;
    this.addClass('jp-aiinfra-submit');
    this.title.icon = submitIcon;
    this.title.closable = true;
    this.node.setAttribute('role', 'region');
  }

  get model(): SubmitModel | null {
    return this._model;
  }

  set model(model: SubmitModel | null) {
    this._model?.stateChanged.disconnect(this.name);
    this._model = model;
    model?.stateChanged.connect(this.name);
    this.name();
    this.update();
  }

  /** Move the focus to the heading. */
  focus(): void {
    this.node.querySelector<HTMLElement>('h2')?.focus();
  }

  override dispose(): void {
    this.model = null;
    super.dispose();
  }

  protected override onCloseRequest(message: Message): void {
    super.onCloseRequest(message);
    this.dispose();
  }

  protected override render(): JSX.Element | null {
    const { aiinfra, language, keys, openRun } = this.options;
    return this._model ? (
      <Panel
        // Another notebook is another form: nothing half typed goes over.
        key={this._model.id}
        aiinfra={aiinfra}
        model={this._model}
        language={language}
        keys={keys()}
        openRun={openRun()}
        close={() => {
          this.close();
        }}
      />
    ) : null;
  }

  private readonly name = (): void => {
    const title = this._model
      ? this.options.aiinfra.trans.__('Submit %1', nameOf(this._model.state.path))
      : '';
    if (title !== this.title.caption) {
      this.title.caption = title;
      this.node.setAttribute('aria-label', title);
    }
  };

  private _model: SubmitModel | null = null;
}
