import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { asProblem } from '../api/problem';
import type { Change } from '../api/schema';
import type { ILive, LiveState } from './tokens';

/** The schema of our events on Jupyter Server's event stream. */
export const SCHEMA = 'https://aiinfra.dev/events/run/v1';

/** Milliseconds between two looks at whether something was missed: when all is well, and when nobody answers. */
const CALM = 10_000;
const ANXIOUS = 1500;

/** The part of Jupyter's event stream that is needed here. */
export interface IEvents {
  readonly stream: ISignal<unknown, { readonly schema_id: string }>;
}

const isChange = (emission: { readonly schema_id: string }): emission is Change & { schema_id: string } =>
  emission.schema_id === SCHEMA;

/**
 * The changes of runs in their order, each once.
 *
 * The event stream may lose some (sleep, lost network, a server that was started anew): they are numbered, and what is
 * missing is asked for.
 */
export class Live implements ILive, IDisposable {
  constructor(
    private readonly client: Pick<Client, 'changes'>,
    events: IEvents
  ) {
    events.stream.connect(this.hear);
    window.addEventListener('online', this.look);
    window.addEventListener('offline', this.look);
    document.addEventListener('visibilitychange', this.look);
    this.look();
  }

  get changed(): ISignal<this, Change> {
    return this._changed;
  }

  get reset(): ISignal<this, void> {
    return this._reset;
  }

  get stateChanged(): ISignal<this, LiveState> {
    return this._stateChanged;
  }

  get state(): LiveState {
    return this._state;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this.timer);
    window.removeEventListener('online', this.look);
    window.removeEventListener('offline', this.look);
    document.removeEventListener('visibilitychange', this.look);
    Signal.clearData(this);
  }

  /** Ask for what was missed, now. */
  readonly look = (): void => {
    if (!this._disposed && document.visibilityState !== 'hidden') {
      void this.catchUp();
    }
  };

  private readonly hear = (_: unknown, emission: { readonly schema_id: string }): void => {
    if (this._disposed || !isChange(emission)) {
      return;
    }
    if (emission.epoch === this.epoch && emission.seq === this.seq + 1 && !this.asking) {
      this.tell(emission);
    } else if (emission.epoch !== this.epoch || emission.seq > this.seq) {
      void this.catchUp();
    }
  };

  private tell(change: Change): void {
    this.seq = change.seq;
    this._changed.emit(change);
  }

  /** Ask once; whoever asks meanwhile has it asked once more. */
  private async catchUp(): Promise<void> {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    clearTimeout(this.timer);
    try {
      do {
        this.again = false;
        await this.ask();
      } while (this.mustAskAgain());
    } finally {
      this.asking = false;
      if (!this._disposed) {
        this.timer = window.setTimeout(this.look, this._state === 'live' ? CALM : ANXIOUS);
      }
    }
  }

  private mustAskAgain(): boolean {
    return this.again && !this._disposed;
  }

  private async ask(): Promise<void> {
    try {
      const missed = await this.client.changes(this.epoch, this.seq);
      this.become('live');
      if (missed.reset || missed.epoch !== this.epoch) {
        [this.epoch, this.seq] = [missed.epoch, missed.seq];
        this._reset.emit();
        return;
      }
      for (const change of missed.changes.filter(change => change.seq > this.seq)) {
        this.tell(change);
      }
    } catch (error) {
      this.again = false;
      this.become(asProblem(error).unauthorized ? 'expired' : 'offline');
    }
  }

  private become(state: LiveState): void {
    if (state !== this._state) {
      this._state = state;
      this._stateChanged.emit(state);
    }
  }

  private epoch = '';
  private seq = 0;
  private asking = false;
  private again = false;
  private timer = 0;
  private _state: LiveState = 'connecting';
  private _disposed = false;
  private readonly _changed = new Signal<this, Change>(this);
  private readonly _reset = new Signal<this, void>(this);
  private readonly _stateChanged = new Signal<this, LiveState>(this);
}
