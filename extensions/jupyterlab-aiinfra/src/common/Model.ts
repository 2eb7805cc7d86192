import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

/** What a view shows, without the view: `stateChanged` says when to look again. Fits JupyterLab's `VDomRenderer`. */
export abstract class Model implements IDisposable {
  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      Signal.clearData(this);
    }
  }

  protected tell(): void {
    if (!this._disposed) {
      this._stateChanged.emit();
    }
  }

  private _disposed = false;
  private readonly _stateChanged = new Signal<this, void>(this);
}
