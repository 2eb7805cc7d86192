import type { Capabilities, RunRow } from '../api/schema';
import { Model } from '../common/Model';
import { hasEnded } from '../core/format';
import { NOTHING, type ISelection } from './selection';
import type { RunsModel } from './model';

/** What is chosen in the list, and what can be done with it. */
export class Chosen extends Model {
  constructor(private readonly runs: RunsModel) {
    super();
  }

  get selection(): ISelection {
    return this._selection;
  }

  /** Choose other runs. */
  choose(selection: ISelection): void {
    this._selection = selection;
    this.tell();
  }

  /** What each target can do; a target that isn't there any more can do nothing. */
  set capabilities(capabilities: ReadonlyMap<string, Capabilities>) {
    this._capabilities = capabilities;
    this.tell();
  }

  /** The runs that are chosen, newest first. */
  get rows(): readonly RunRow[] {
    const { chosen } = this._selection;
    return this.runs.rows.filter(run => chosen.has(run.id));
  }

  /** Those among them that can be cancelled now. */
  get cancellable(): readonly RunRow[] {
    return this.rows.filter(
      run =>
        !hasEnded(run.state) &&
        run.state !== 'CANCELING' &&
        this._capabilities.get(run.target)?.cancel === true
    );
  }

  private _selection = NOTHING;
  private _capabilities: ReadonlyMap<string, Capabilities> = new Map();
}
