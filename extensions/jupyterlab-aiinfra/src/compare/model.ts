import type { Client } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import type { Change, Comparison } from '../api/schema';
import { Model } from '../common/Model';
import type { ILive } from '../core/tokens';
import type { GroupName } from './groups';

/** Milliseconds within which the changes of a run that is running are one. */
const CALM = 700;

/** Runs side by side, as they are now. */
export class CompareModel extends Model {
  constructor(
    private readonly client: Pick<Client, 'compare'>,
    private readonly live: ILive,
    ids: readonly string[]
  ) {
    super();
    this._ids = [...new Set(ids)];
    live.changed.connect(this.hear);
    live.reset.connect(this.load);
    live.stateChanged.connect(this.say);
    this.load();
  }

  get ids(): readonly string[] {
    return this._ids;
  }

  /** Null until it has come. */
  get comparison(): Comparison | null {
    return this._comparison;
  }

  /** Why what is shown isn't what was asked for. */
  get problem(): ProblemError | null {
    return this._problem;
  }

  add(ids: readonly string[]): void {
    this.become([...this._ids, ...ids.filter(id => !this._ids.includes(id))]);
  }

  remove(id: string): void {
    this.become(this._ids.filter(other => other !== id));
  }

  isOpen(group: GroupName): boolean {
    return this.open.has(group);
  }

  /** Show the equal rows of a group, or fold them away. */
  toggle(group: GroupName): void {
    if (!this.open.delete(group)) {
      this.open.add(group);
    }
    this.tell();
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

  private become(ids: string[]): void {
    if (ids.join() !== this._ids.join()) {
      this._ids = ids;
      this.tell();
      this.load();
    }
  }

  private async ask(): Promise<void> {
    const ids = this._ids;
    const asked = (this.asked += 1);
    if (ids.length === 0) {
      [this._comparison, this._problem] = [null, null];
      this.tell();
      return;
    }
    try {
      const comparison = await this.client.compare(ids);
      if (asked === this.asked) {
        [this._comparison, this._problem] = [comparison, null];
      }
    } catch (error) {
      if (asked === this.asked) {
        this._problem = asProblem(error);
      }
    }
    this.tell();
  }

  private readonly hear = (_: unknown, { run }: Change): void => {
    if (this._ids.includes(run.id) && !this.timer) {
      this.timer = window.setTimeout(() => {
        this.timer = 0;
        this.load();
      }, CALM);
    }
  };

  private readonly say = (): void => {
    this.tell();
  };

  private _ids: string[];
  private _comparison: Comparison | null = null;
  private _problem: ProblemError | null = null;
  private readonly open = new Set<GroupName>();
  private asked = 0;
  private timer = 0;
}
