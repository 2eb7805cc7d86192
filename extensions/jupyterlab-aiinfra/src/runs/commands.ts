import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Notification, type ICommandPalette } from '@jupyterlab/apputils';
import { filterIcon } from '@jupyterlab/ui-components';

import { asProblem } from '../api/problem';
import { runLink } from '../common/links';
import { runsIcon } from '../common/icons';
import { CommandIDs, type IAiinfra } from '../core/tokens';
import type { RunsSideBar } from './sidebar';

/** Commands on the runs that are chosen in the list. */
export const ListCommands = {
  open: 'aiinfra:runs-open',
  compare: 'aiinfra:runs-compare',
  submitAgain: 'aiinfra:runs-submit-again',
  copyLink: 'aiinfra:runs-copy-link',
  filter: 'aiinfra:runs-filter'
} as const;

const NO_ARGS = { args: { type: 'object', properties: {} } } as const;
const LIST = '.jp-aiinfra-Runs-list';

interface IContext {
  readonly app: JupyterFrontEnd;
  readonly aiinfra: IAiinfra;
  readonly language: string;
  readonly bar: RunsSideBar;
}

/** Commands that show the list and change what it shows. */
function addListCommands({ app, aiinfra, bar }: IContext): void {
  const { trans } = aiinfra;
  app.commands.addCommand(CommandIDs.showRuns, {
    label: trans.__('Show runs'),
    caption: trans.__('The list of runs: what runs, what has run, and why it failed'),
    icon: runsIcon,
    describedBy: NO_ARGS,
    execute: async () => {
      app.shell.activateById(bar.id);
      await bar.focusList();
    }
  });
  app.commands.addCommand(ListCommands.filter, {
    label: trans.__('Filter runs'),
    // Not a toggle: JupyterLab gives the button of one an attribute that its element may not have.
    caption: () => (bar.view?.filtering ? trans.__('Hide the filter') : trans.__('Filter the runs')),
    icon: filterIcon,
    describedBy: NO_ARGS,
    execute: async () => {
      const view = await bar.load();
      app.shell.activateById(bar.id);
      view.filtering = !view.filtering;
      app.commands.notifyCommandChanged(ListCommands.filter);
    }
  });
}

/** Commands on one run. */
function addRunCommands({ app, aiinfra, bar }: IContext): void {
  const { trans, client } = aiinfra;
  const { commands } = app;
  const rows = (): ReturnType<RunsSideBar['rows']> => bar.rows();
  const one = (): boolean => rows().length === 1;

  commands.addCommand(CommandIDs.cancelRun, {
    label: args =>
      typeof args.id === 'string'
        ? trans.__('Cancel run %1', args.id)
        : trans._n('Cancel run', 'Cancel runs', bar.view?.chosen.cancellable.length ?? 1),
    caption: trans.__('Stop the run; what it has written so far stays'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          id: {
            type: 'string',
            description: trans.__('The number of the run; without, those that are chosen in the list')
          }
        }
      }
    },
    isEnabled: args => typeof args.id === 'string' || (bar.view?.chosen.cancellable.length ?? 0) > 0,
    isVisible: args => typeof args.id === 'string' || (bar.view?.chosen.cancellable.length ?? 0) > 0,
    execute: async args => {
      const { cancelRun, cancelRuns } = await import('./cancel');
      await (typeof args.id === 'string'
        ? cancelRun(aiinfra, args.id)
        : cancelRuns(aiinfra, bar.view?.chosen.cancellable ?? []));
    }
  });
  commands.addCommand(ListCommands.open, {
    label: trans.__('Open run'),
    caption: trans.__('Show the steps of the run, its notebooks, and what it wrote'),
    describedBy: NO_ARGS,
    isEnabled: () => rows().length > 0,
    isVisible: () => commands.hasCommand(CommandIDs.openRun),
    execute: async () => {
      for (const { id } of rows()) {
        await commands.execute(CommandIDs.openRun, { id });
      }
    }
  });
  commands.addCommand(ListCommands.submitAgain, {
    label: trans.__('Submit again…'),
    caption: trans.__('Open the submit panel with what was chosen for this run'),
    describedBy: NO_ARGS,
    isEnabled: one,
    isVisible: () => one() && commands.hasCommand(CommandIDs.submit),
    execute: async () => {
      for (const { id } of rows().slice(0, 1)) {
        try {
          const { source_path, choices } = await client.run(id);
          await commands.execute(CommandIDs.submit, { path: source_path, choices: { ...choices } } as never);
        } catch (error) {
          Notification.error(asProblem(error).message, { autoClose: false });
        }
      }
    }
  });
  commands.addCommand(ListCommands.copyLink, {
    label: trans.__('Copy link'),
    caption: trans.__('Copy an address that opens this run'),
    describedBy: NO_ARGS,
    isEnabled: one,
    isVisible: one,
    execute: () => {
      for (const { id } of rows().slice(0, 1)) {
        Clipboard.copyToSystem(runLink({ id }));
      }
    }
  });
}

/** Compare what is chosen; where that is too little, ask what with. */
function addCompare({ app, aiinfra, language, bar }: IContext): void {
  const { trans } = aiinfra;
  const { commands } = app;
  commands.addCommand(ListCommands.compare, {
    label: () => (bar.rows().length === 1 ? trans.__('Compare with…') : trans.__('Compare')),
    caption: trans.__('What is different between the chosen runs (choose several with Ctrl or Shift)'),
    describedBy: NO_ARGS,
    isVisible: () => commands.hasCommand(CommandIDs.compare),
    execute: async () => {
      const ids = bar.rows().map(run => run.id);
      if (ids.length === 1) {
        const { chooseRuns } = await import('../compare/Choose');
        const others = await chooseRuns(aiinfra, language, ids);
        if (others.length === 0) {
          return;
        }
        ids.push(...others);
      }
      await commands.execute(CommandIDs.compare, ids.length === 0 ? {} : { ids });
    }
  });
}

/** All commands of the list, in the palette and in its context menu. */
export function addCommands(context: IContext, palette: ICommandPalette | null): void {
  addListCommands(context);
  addRunCommands(context);
  addCompare(context);
  const { app, aiinfra } = context;
  const category = aiinfra.trans.__('aiinfra');
  const all = [CommandIDs.showRuns, CommandIDs.cancelRun, ...Object.values(ListCommands)];
  all.forEach(command => palette?.addItem({ command, category }));
  const menu = [
    ListCommands.open,
    ListCommands.compare,
    ListCommands.submitAgain,
    ListCommands.copyLink,
    CommandIDs.cancelRun
  ];
  menu.forEach((command, rank) => app.contextMenu.addItem({ command, selector: LIST, rank }));
}
