import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { PartialJSONObject } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

import { problemAt } from '../api/problem';
import type { Candidate, Choices, Place } from '../api/schema';
import type { IDocument, IRemembered } from './document';
import { extraction } from './extract';
import { isObject } from './schema';
import { same } from './values';

const isTagged = (tags: unknown): boolean => Array.isArray(tags) && tags.includes('parameters');

type GoTo = (place: Place) => Promise<void>;

/** A notebook that is open in the Lab. */
export class NotebookDocument implements IDocument {
  constructor(
    readonly panel: NotebookPanel,
    readonly goTo: GoTo,
    private readonly trans: TranslationBundle
  ) {
    const { context } = panel;
    context.model.contentChanged.connect(this.onEdited);
    context.saveState.connect(this.onSaved);
    context.pathChanged.connect(this.onPathChanged);
    panel.disposed.connect(this.onClosed);
  }

  get path(): string {
    return this.panel.context.path;
  }

  get dirty(): boolean {
    return this.panel.context.model.dirty;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  content(): object | null {
    const { model } = this.panel.context;
    return model.dirty ? (model.toJSON() as object) : null;
  }

  interfaceText(): string {
    const cells = [...this.panel.context.model.sharedModel.cells];
    return JSON.stringify(cells.filter(cell => isTagged(cell.getMetadata('tags'))).map(cell => cell.source));
  }

  /** The server finds them in the notebook. */
  recall(): Promise<IRemembered | null> {
    return Promise.resolve(null);
  }

  async save({ choices }: IRemembered): Promise<void> {
    const { context } = this.panel;
    this.remember(choices);
    if (!context.model.dirty) {
      return;
    }
    await context.save();
    // A failed or declined save is told by a dialog, not by its promise.
    if (this.dirty) {
      throw problemAt(
        { file: this.path },
        this.trans.__('%1 couldn’t be saved', this.path),
        this.trans.__('Save the notebook, then submit again')
      );
    }
  }

  extract(candidates: readonly Candidate[]): void {
    const { sharedModel } = this.panel.context.model;
    const cells = sharedModel.cells.map(cell => ({ kind: cell.cell_type, source: cell.source }));
    const made = extraction(cells, candidates);
    if (!('edits' in made)) {
      throw problemAt(
        { file: this.path, cell: made.cell, line: made.line },
        this.trans.__('%1 isn’t where it was: the notebook has changed', made.name),
        this.trans.__('Save the notebook, then choose again')
      );
    }
    sharedModel.transact(() => {
      for (const [index, source] of [...made.edits].sort(([a], [b]) => b - a)) {
        if (source) {
          sharedModel.getCell(index).setSource(source);
        } else {
          sharedModel.deleteCell(index);
        }
      }
      const metadata = { tags: ['parameters'] };
      sharedModel.insertCell(made.at, { cell_type: 'code', source: made.parameters, metadata });
    });
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      const { context } = this.panel;
      if (!context.isDisposed) {
        context.model.contentChanged.disconnect(this.onEdited);
        context.saveState.disconnect(this.onSaved);
        context.pathChanged.disconnect(this.onPathChanged);
      }
      Signal.clearData(this);
    }
  }

  /** In the metadata, where the command line finds them, too. */
  private remember(choices: Choices): void {
    const { sharedModel } = this.panel.context.model;
    const own: unknown = sharedModel.getMetadata('aiinfra');
    const asked = Object.entries(choices.resources).filter(([, value]) => value !== null);
    const last = { ...choices, resources: Object.fromEntries(asked) };
    if (!isObject(own) || !same(own.last, last)) {
      const kept = isObject(own) ? own : {};
      sharedModel.setMetadata('aiinfra', { ...kept, last } as PartialJSONObject);
    }
  }

  private readonly onEdited = (): void => {
    this._edited.emit();
  };

  private readonly onSaved = (_: unknown, state: string): void => {
    if (state === 'completed') {
      this._saved.emit();
    }
  };

  private readonly onPathChanged = (_: unknown, path: string): void => {
    this._pathChanged.emit(path);
  };

  private readonly onClosed = (): void => {
    this._closed.emit();
  };

  get edited(): ISignal<this, void> {
    return this._edited;
  }

  get saved(): ISignal<this, void> {
    return this._saved;
  }

  get pathChanged(): ISignal<this, string> {
    return this._pathChanged;
  }

  get closed(): ISignal<this, void> {
    return this._closed;
  }

  private _disposed = false;
  private readonly _edited = new Signal<this, void>(this);
  private readonly _saved = new Signal<this, void>(this);
  private readonly _pathChanged = new Signal<this, string>(this);
  private readonly _closed = new Signal<this, void>(this);
}
