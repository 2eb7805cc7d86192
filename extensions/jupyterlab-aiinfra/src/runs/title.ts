import type { IDisposable } from '@lumino/disposable';

/** The document's title says something until the window is looked at; then it is what it was. */
export class TitleNotice implements IDisposable {
  constructor() {
    window.addEventListener('focus', this.restore);
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    window.removeEventListener('focus', this.restore);
    this.restore();
  }

  /** Put `notice` before the title, unless the window has the focus: who looks at it has seen it. */
  show(notice: (title: string) => string): void {
    if (document.hasFocus()) {
      return;
    }
    // Whoever set another title meanwhile has the word.
    if (this.shown === null || document.title !== this.shown) {
      this.before = document.title;
    }
    this.shown = document.title = notice(this.before);
  }

  private readonly restore = (): void => {
    if (this.shown !== null && document.title === this.shown) {
      document.title = this.before;
    }
    this.shown = null;
  };

  private before = '';
  private shown: string | null = null;
  private _disposed = false;
}
