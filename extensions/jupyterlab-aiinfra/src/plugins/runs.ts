import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';

import { languageOf } from '../core/format';
import { CommandIDs, IAiinfra } from '../core/tokens';
import { addCommands } from '../runs/commands';
import type { IFirstStep } from '../runs/Empty';
import { RunsSideBar } from '../runs/sidebar';

/** Where notebooks are found, in the order in which an application has them. */
const FINDERS = ['filebrowser:activate', 'launcher:create'];

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:runs',
  description: 'The list of runs in the left bar.',
  autoStart: true,
  requires: [IAiinfra],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    aiinfra: IAiinfra,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    notebooks: INotebookTracker | null
  ): void => {
    const { commands } = app;
    const { trans } = aiinfra;
    const language = languageOf(translator?.languageCode ?? 'default');

    const firstStep = (): IFirstStep => {
      const path = notebooks?.currentWidget?.context.path;
      if (path !== undefined && commands.hasCommand(CommandIDs.submit)) {
        const act = (): void => void commands.execute(CommandIDs.submit, { path });
        return { label: trans.__('Submit %1', PathExt.basename(path)), act };
      }
      const finder = FINDERS.find(id => commands.hasCommand(id));
      const act = (): void => void (finder && commands.execute(finder));
      return { label: trans.__('Find a notebook'), act };
    };

    const bar = new RunsSideBar({ aiinfra, commands, language, started: app.started, firstStep });
    addCommands({ app, aiinfra, language, bar }, palette);
    notebooks?.currentChanged.connect(() => bar.view?.update());
    restorer?.add(bar, bar.id);
    app.shell.add(bar, 'left', { rank: 150, type: 'aiinfra-runs' });
  }
};

export default plugin;
