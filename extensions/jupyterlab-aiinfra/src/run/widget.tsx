import type { JSX } from 'react';
import { ReactWidget } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';

import { STATE_SHAPES } from '../core/format';
import type { IAiinfra } from '../core/tokens';
import type { IActions } from './actions';
import { RunModel } from './model';
import type { ITarget } from './NotebookView';
import type { Rendering } from './rendering';
import { RunView } from './RunView';

export interface IRunOptions {
  readonly aiinfra: IAiinfra;
  readonly id: string;
  readonly rendering: Rendering;
  readonly actions: IActions;
  readonly language: string;
}

/** The view of one run. */
export class RunWidget extends ReactWidget {
  constructor(private readonly options: IRunOptions) {
    super();
    const { aiinfra, id } = options;
    this.model = new RunModel(aiinfra.client, aiinfra.live, id);
    this.model.stateChanged.connect(this.name);
    this.addClass('jp-aiinfra-run');
    this.name();
  }

  readonly model: RunModel;

  /** Go to a step, and to a cell of it. */
  go(step: string | undefined, cell: number | undefined): void {
    if (step !== undefined) {
      this.model.select(step);
    }
    if (cell !== undefined) {
      this.target = { cell };
      this.update();
    }
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override onActivateRequest(_: Message): void {
    const first = this.node.querySelector<HTMLElement>('.jp-aiinfra-cells, button');
    first?.focus({ preventScroll: true });
  }

  protected override render(): JSX.Element {
    return <RunView {...this.options} model={this.model} target={this.target} />;
  }

  private readonly name = (): void => {
    const { trans } = this.options.aiinfra;
    const { detail, id } = this.model;
    const shape = detail ? `${STATE_SHAPES[detail.state]} ` : '';
    this.title.label = shape + (detail ? trans.__('Run %1 %2', id, detail.name) : trans.__('Run %1', id));
  };

  private target: ITarget | null = null;
}
