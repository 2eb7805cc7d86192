import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Client } from '../api/client';
import type { Change, RunRow } from '../api/schema';
import { hasEnded, type StateName } from '../core/format';
import type { ILive } from '../core/tokens';

const UNDER_WAY: readonly StateName[] = ['PENDING', 'RUNNING', 'CANCELING', 'PAUSED'];

/** Tells of each run that this window has seen under way when it has ended, once. */
export class Endings implements IDisposable {
  constructor(
    private readonly client: Pick<Client, 'runs' | 'run'>,
    private readonly live: Pick<ILive, 'changed' | 'reset'>
  ) {
    live.changed.connect(this.hear);
    live.reset.connect(this.lookAgain);
    void this.look();
  }

  get ended(): ISignal<this, RunRow> {
    return this._ended;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this.live.changed.disconnect(this.hear);
    this.live.reset.disconnect(this.lookAgain);
    Signal.clearData(this);
  }

  private readonly hear = (_: unknown, change: Change): void => {
    this.see(change.run);
  };

  private readonly lookAgain = (): void => {
    void this.look();
  };

  private see(run: RunRow): void {
    if (!hasEnded(run.state)) {
      this.seen.add(run.id);
    } else if (this.seen.delete(run.id) && !this._disposed) {
      this._ended.emit(run);
    } else if (this.looking > 0) {
      // The answer that is on its way may still say that it runs.
      this.overtaken.set(run.id, run);
    }
  }

  /** What is under way now; and what has become of those that were, when nobody told. */
  private async look(): Promise<void> {
    const before = [...this.seen];
    this.looking += 1;
    try {
      const pages = await Promise.all(UNDER_WAY.map(state => this.client.runs({ state }, null, 100)));
      const now = pages.flatMap(page => page.runs);
      now.forEach(run => this.seen.add(run.id));
      this.overtaken.forEach(run => {
        this.see(run);
      });
      const gone = before.filter(id => this.seen.has(id) && !now.some(run => run.id === id));
      for (const run of await Promise.all(gone.map(id => this.client.run(id)))) {
        this.see(run);
      }
    } catch {
      // A list that can't be had says why where it is shown; the next reset comes here again.
    } finally {
      this.looking -= 1;
      if (this.looking === 0) {
        this.overtaken.clear();
      }
    }
  }

  private looking = 0;
  private readonly overtaken = new Map<string, RunRow>();
  private readonly seen = new Set<string>();
  private _disposed = false;
  private readonly _ended = new Signal<this, RunRow>(this);
}
