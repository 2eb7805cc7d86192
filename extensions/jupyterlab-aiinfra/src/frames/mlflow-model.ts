import { Model } from '../common/Model';

/** What MLflow's address says: `elsewhere`, when it is served by another machine, where this one leads. */
export type MlflowState = 'starting' | 'there' | 'elsewhere' | 'failed' | 'offline';

/** What there is to know of an answer. */
export type Answer = Pick<Response, 'ok' | 'status' | 'type' | 'text'>;

/** Milliseconds between two looks while it starts. */
const EVERY = 700;

/** Whether MLflow answers by now; asking starts it. */
export class MlflowModel extends Model {
  constructor(private readonly ask: () => Promise<Answer>) {
    super();
    void this.look();
  }

  get state(): MlflowState {
    return this._state;
  }

  /** What it said before it ended. */
  get log(): string {
    return this._log;
  }

  readonly retry = (): void => {
    this.become('starting');
    void this.look();
  };

  override dispose(): void {
    clearTimeout(this.timer);
    super.dispose();
  }

  private async look(): Promise<void> {
    try {
      await this.judge(await this.ask());
    } catch {
      this.become('offline');
    }
  }

  private async judge(answer: Answer): Promise<void> {
    if (answer.type === 'opaqueredirect') {
      this.become('elsewhere');
    } else if (answer.status === 202) {
      this.become('starting');
      if (!this.isDisposed) {
        this.timer = window.setTimeout(() => void this.look(), EVERY);
      }
    } else if (answer.ok) {
      this.become('there');
    } else {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      this._log = page.querySelector('pre')?.textContent.trim() ?? '';
      this.become('failed');
    }
  }

  private become(state: MlflowState): void {
    this._state = state;
    this.tell();
  }

  private _state: MlflowState = 'starting';
  private _log = '';
  private timer = 0;
}
