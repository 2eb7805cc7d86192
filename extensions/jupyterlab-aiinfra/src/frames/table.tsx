import type { JSX } from 'react';
import { spreadsheetIcon, VDomRenderer } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

import type { IAiinfra } from '../core/tokens';
import { TableModel } from './table-model';
import { TableView } from './TableView';

/** Where a table is. */
export type TablePlace = Readonly<
  Record<'id' | 'step' | 'output', string> & Partial<Record<'title', string>>
>;

/** The rows of a table that a step wrote, in the main area. */
export class TableWidget extends VDomRenderer<TableModel> {
  constructor(
    private readonly aiinfra: IAiinfra,
    private readonly language: string,
    readonly place: TablePlace
  ) {
    super(
      new TableModel((start, count) => aiinfra.client.table(place.id, place.step, place.output, start, count))
    );
    this.addClass('jp-aiinfra-view');
    this.addClass('jp-aiinfra-table');
    this.node.tabIndex = -1;
    this.title.label = this.heading;
    this.title.caption = aiinfra.trans.__('%1 of %2, run %3', place.output, place.step, place.id);
    this.title.icon = spreadsheetIcon;
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
    return (
      <TableView aiinfra={this.aiinfra} model={this.model} title={this.heading} language={this.language} />
    );
  }

  private get heading(): string {
    const { id, output, title } = this.place;
    return title ?? this.aiinfra.trans.__('%1 of run %2', output, id);
  }
}
