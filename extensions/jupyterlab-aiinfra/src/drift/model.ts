import type { Client } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import type { Change, DriftHistory, DriftSubject } from '../api/schema';
import { Model } from '../common/Model';
import { hasEnded } from '../core/format';
import type { ILive } from '../core/tokens';

/** Milliseconds within which runs that end are one reason to look again. */
const CALM = 700;

const keyOf = (subject: DriftSubject): string => `${subject.source}\n${subject.name}`;

/** The drift reports of the project, or of one notebook or pipeline, by what they are about. */
export class DriftModel extends Model {
  constructor(
    private readonly client: Pick<Client, 'drift'>,
    private readonly live: ILive,
    source: string | null
  ) {
    super();
    this._source = source;
    live.changed.connect(this.hear);
    live.reset.connect(this.load);
    live.stateChanged.connect(this.say);
    this.load();
  }

  /** The notebook or pipeline to which the reports are limited. */
  get source(): string | null {
    return this._source;
  }

  /** Null until it has come. */
  get history(): DriftHistory | null {
    return this._history;
  }

  get problem(): ProblemError | null {
    return this._problem;
  }

  /** The one to look at: the chosen one, or else the first. */
  get subject(): DriftSubject | null {
    const subjects = this._history?.subjects ?? [];
    return subjects.find(subject => keyOf(subject) === this.chosen) ?? subjects[0] ?? null;
  }

  choose(subject: DriftSubject): void {
    this.chosen = keyOf(subject);
    this.tell();
  }

  showAll(): void {
    this._source = null;
    this.tell();
    this.load();
  }

  readonly load = (): void => {
    void this.ask();
  };

  override dispose(): void {
    clearTimeout(this.timer);
    this.live.changed.disconnect(this.hear);
    this.live.reset.disconnect(this.load);
    this.live.stateChanged.disconnect(this.say);
    super.dispose();
  }

  private async ask(): Promise<void> {
    const asked = (this.asked += 1);
    try {
      const history = await this.client.drift(this._source);
      if (asked === this.asked) {
        [this._history, this._problem] = [history, null];
      }
    } catch (error) {
      if (asked === this.asked) {
        this._problem = asProblem(error);
      }
    }
    this.tell();
  }

  private readonly hear = (_: unknown, { run }: Change): void => {
    if (hasEnded(run.state) && !this.timer) {
      this.timer = window.setTimeout(() => {
        this.timer = 0;
        this.load();
      }, CALM);
    }
  };

  private readonly say = (): void => {
    this.tell();
  };

  private _source: string | null;
  private _history: DriftHistory | null = null;
  private _problem: ProblemError | null = null;
  private chosen = '';
  private asked = 0;
  private timer = 0;
}
