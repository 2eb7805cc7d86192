import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

import type { DocumentRegistry } from '@jupyterlab/docregistry';

import type { Place } from '../api/schema';
import type { IDocument, IRemembered } from './document';
import { isObject } from './schema';

const key = (path: string): string => `aiinfra:submit:${path}`;

/** A pipeline's file, open in an editor or not. */
export class FileDocument implements IDocument {
  /** `context` gives its editor's, when there is one. */
  constructor(
    readonly path: string,
    readonly goTo: (place: Place) => Promise<void>,
    private readonly context: () => DocumentRegistry.Context | null,
    private readonly memory: IStateDB | null
  ) {}

  get dirty(): boolean {
    return this.context()?.model.dirty ?? false;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  content(): object | null {
    return null;
  }

  interfaceText(): string {
    return '';
  }

  async recall(): Promise<IRemembered | null> {
    const found: unknown = await this.memory?.fetch(key(this.path));
    return isObject(found) && isObject(found.choices) ? (found as unknown as IRemembered) : null;
  }

  async save(remembered: IRemembered): Promise<void> {
    const context = this.context();
    if (context?.model.dirty) {
      await context.save();
    }
    await this.memory?.save(key(this.path), remembered as unknown as ReadonlyPartialJSONObject);
  }

  extract(): void {
    // A pipeline has no cells, and its source no candidates.
  }

  dispose(): void {
    this._disposed = true;
    Signal.clearData(this);
  }

  readonly edited: ISignal<this, void> = new Signal<this, void>(this);
  readonly saved: ISignal<this, void> = new Signal<this, void>(this);
  readonly pathChanged: ISignal<this, string> = new Signal<this, string>(this);
  readonly closed: ISignal<this, void> = new Signal<this, void>(this);

  private _disposed = false;
}
