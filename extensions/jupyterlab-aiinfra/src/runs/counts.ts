import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Client } from '../api/client';
import type { Change } from '../api/schema';
import { hasEnded, type StateName } from '../core/format';
import type { ILive } from '../core/tokens';

/** Milliseconds between a run's news and the question how many there are. */
const DELAY = 200;

/** How many runs are under way, as the server counts them. */
export class Counts implements IDisposable {
  constructor(
    private readonly client: Pick<Client, 'status'>,
    private readonly live: Pick<ILive, 'changed' | 'reset'>
  ) {
    live.changed.connect(this.hear);
    live.reset.connect(this.askSoon);
    this.askSoon();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get running(): number {
    return this._running;
  }

  get queued(): number {
    return this._queued;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this.timer);
    this.live.changed.disconnect(this.hear);
    this.live.reset.disconnect(this.askSoon);
    Signal.clearData(this);
  }

  /** The numbers change only when a run's state does: a cell that goes on asks nothing. */
  private readonly hear = (_: unknown, { run }: Change): void => {
    if (this.states.get(run.id) === run.state) {
      return;
    }
    if (hasEnded(run.state)) {
      this.states.delete(run.id);
    } else {
      this.states.set(run.id, run.state);
    }
    this.askSoon();
  };

  private readonly askSoon = (): void => {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), DELAY);
  };

  private async ask(): Promise<void> {
    const question = (this.question += 1);
    try {
      const { running, queued } = await this.client.status();
      if (question === this.question && !this._disposed) {
        [this._running, this._queued] = [running, queued];
        this._changed.emit();
      }
    } catch {
      // Numbers that can't be had stay as they were; the list of runs says what is wrong.
    }
  }

  private readonly states = new Map<string, StateName>();
  private _running = 0;
  private _queued = 0;
  private question = 0;
  private timer = 0;
  private _disposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
