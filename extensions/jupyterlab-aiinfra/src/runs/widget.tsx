import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

import type { Capabilities } from '../api/schema';
import type { IAiinfra } from '../core/tokens';
import { Chosen } from './chosen';
import type { IFirstStep } from './Empty';
import { isEmpty } from './filter';
import { RunsModel } from './model';
import { RunsPanel } from './RunsPanel';

export interface IRunsViewOptions {
  readonly aiinfra: IAiinfra;
  readonly language: string;
  readonly open: (id: string) => void;
  readonly firstStep: () => IFirstStep;
}

/** The list of runs with its filter, and what is chosen in it. */
export class RunsView extends ReactWidget {
  constructor(private readonly options: IRunsViewOptions) {
    super();
    this.addClass('jp-aiinfra-Runs-view');
    const { client, live } = options.aiinfra;
    this.runs = new RunsModel(client, live);
    this.chosen = new Chosen(this.runs);
    live.reset.connect(this.loadTargets);
    this.loadTargets();
    void this.runs.reload();
  }

  readonly runs: RunsModel;
  readonly chosen: Chosen;

  /** Whether the search box and the menus are shown. */
  get filtering(): boolean {
    return this._filtering;
  }

  set filtering(shown: boolean) {
    this._filtering = shown;
    if (!shown && !isEmpty(this.runs.filter)) {
      // A filter that nobody sees would hide runs without saying so.
      void this.runs.setFilter({});
    }
    this.update();
    if (shown) {
      void this.renderPromise?.then(() =>
        this.node.querySelector<HTMLElement>('input[type=search]')?.focus()
      );
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.options.aiinfra.live.reset.disconnect(this.loadTargets);
      this.chosen.dispose();
      this.runs.dispose();
      super.dispose();
    }
  }

  protected override render(): ReactElement {
    return <RunsPanel {...this.options} runs={this.runs} chosen={this.chosen} filtering={this._filtering} />;
  }

  private readonly loadTargets = (): void => {
    this.options.aiinfra.client.targets().then(
      ({ targets }) => {
        if (!this.isDisposed) {
          this.chosen.capabilities = new Map<string, Capabilities>(
            targets.map(target => [target.name, target.capabilities])
          );
        }
      },
      () => undefined // Nothing is offered that may not be possible; the list itself says what is wrong.
    );
  };

  private _filtering = true;
}
