import { CommandToolbarButton, SidePanel } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { PromiseDelegate } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';

import type { RunRow } from '../api/schema';
import { runsIcon } from '../common/icons';
import { CommandIDs, type IAiinfra } from '../core/tokens';
import { ListCommands } from './commands';
import type { IFirstStep } from './Empty';
import type { RunsView } from './widget';

export interface ISideBarOptions {
  readonly aiinfra: IAiinfra;
  readonly commands: CommandRegistry;
  readonly language: string;
  /** Settles when all commands are there. */
  readonly started: Promise<unknown>;
  readonly firstStep: () => IFirstStep;
}

/** The panel in the left bar. What it shows is loaded when it is first shown. */
export class RunsSideBar extends SidePanel {
  constructor(private readonly options: ISideBarOptions) {
    super({ content: new Panel() });
    const { trans } = options.aiinfra;
    this.id = 'aiinfra-runs';
    this.addClass('jp-aiinfra-Runs');
    this.title.icon = runsIcon;
    this.title.caption = trans.__('Runs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Runs'));
    this.content.node.setAttribute('aria-label', trans.__('List of runs'));
  }

  /** The list; null until it was shown. */
  get view(): RunsView | null {
    return this._view;
  }

  /** What is chosen in the list. */
  rows(): readonly RunRow[] {
    return this._view?.chosen.rows ?? [];
  }

  /** The list, loaded if it isn't yet. */
  load(): Promise<RunsView> {
    if (this.loaded === null) {
      this.loaded = new PromiseDelegate<RunsView>();
      this.make().then(
        view => this.loaded?.resolve(view),
        (error: unknown) => {
          this.loaded?.reject(error);
          this.loaded = null;
        }
      );
    }
    return this.loaded.promise;
  }

  /** Put the keyboard into the list. */
  async focusList(): Promise<void> {
    const view = await this.load();
    await view.renderPromise;
    const first = view.node.querySelector<HTMLElement>('[role=listbox], button, input');
    first?.focus();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    void this.load();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      void this.load();
    }
  }

  private async make(): Promise<RunsView> {
    const { aiinfra, commands, language, started, firstStep } = this.options;
    const [{ RunsView }] = await Promise.all([import('./widget'), started]);
    this.fillToolbar();
    const open = (id: string): void => {
      if (commands.hasCommand(CommandIDs.openRun)) {
        void commands.execute(CommandIDs.openRun, { id });
      }
    };
    const view = new RunsView({ aiinfra, language, open, firstStep });
    view.chosen.stateChanged.connect(() => {
      [ListCommands.compare, CommandIDs.cancelRun].forEach(id => {
        commands.notifyCommandChanged(id);
      });
    });
    this.content.addWidget(view);
    this._view = view;
    commands.notifyCommandChanged(ListCommands.filter);
    return view;
  }

  /** Only what is there: a view that this Lab doesn't have gets no button. */
  private fillToolbar(): void {
    const { aiinfra, commands } = this.options;
    const { trans } = aiinfra;
    const buttons = [
      { id: ListCommands.filter, label: '' },
      { id: ListCommands.compare, icon: undefined },
      { id: CommandIDs.openDrift, label: trans.__('Drift') },
      { id: CommandIDs.openMlflow, label: trans.__('MLflow') }
    ];
    this.toolbar.node.setAttribute('aria-label', trans.__('Runs'));
    buttons
      .filter(({ id }) => commands.hasCommand(id))
      .forEach(({ id, label }) => {
        const text = label === undefined ? {} : { label };
        this.toolbar.addItem(id, new CommandToolbarButton({ commands, id, ...text }));
      });
  }

  private _view: RunsView | null = null;
  private loaded: PromiseDelegate<RunsView> | null = null;
}
