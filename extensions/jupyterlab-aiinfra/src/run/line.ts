/** Questions that stand in one line, so that no answer is older than the one before. */
export class Line {
  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Resolves when everything that stands in line now has been answered. */
  get settled(): Promise<void> {
    return this.last;
  }

  ask<T>(question: () => Promise<T>): Promise<T> {
    const asked = this.last.then(() => {
      if (this._disposed) {
        throw new Error('disposed');
      }
      return question();
    });
    this.last = asked.then(
      () => undefined,
      () => undefined
    );
    return asked;
  }

  /** Ask in `delay` milliseconds, once for each `key`: who comes earlier is waited for. */
  later(key: number, delay: number, question: () => Promise<void>): void {
    if (!this.timers.has(key) && !this._disposed) {
      const ask = (): void => {
        this.timers.delete(key);
        void this.ask(question);
      };
      this.timers.set(key, setTimeout(ask, delay));
    }
  }

  /** Nothing more is asked. */
  dispose(): void {
    this._disposed = true;
    this.timers.forEach(timer => {
      clearTimeout(timer);
    });
  }

  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();
  private last: Promise<void> = Promise.resolve();
  private _disposed = false;
}
