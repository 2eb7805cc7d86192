import { Clipboard, Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';

import { asProblem } from '../api/problem';
import type { RunDetail, Step } from '../api/schema';
import { runLink } from '../common/links';
import { CommandIDs, type IAiinfra } from '../core/tokens';
import type { IActions } from './actions';

/** What of a step can be downloaded, and how it is called. */
const FILES = ['executed.ipynb', 'executed.html', 'manifest.json', 'log.txt'] as const;

function download(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}

/** Tell a problem in the corner of the window. */
function tellProblem(error: unknown): void {
  const { problem } = asProblem(error);
  Notification.error([problem.message, problem.remedy ?? ''].join('\n').trim(), { autoClose: false });
}

/** The actions of the view of the run `id`, of those whose commands are there. */
export function makeActions(aiinfra: IAiinfra, commands: CommandRegistry, id: string): IActions {
  const { client, trans } = aiinfra;
  const execute = (command: string, args: ReadonlyPartialJSONObject): void => {
    commands.execute(command, args).catch(tellProblem);
  };
  const where = <T>(command: string, action: T): T | undefined =>
    commands.hasCommand(command) ? action : undefined;
  const fileUrl = (step: string, file: string): string => client.fileUrl(id, step, file, true);

  const cancel = async (run: RunDetail): Promise<void> => {
    const asked = await showDialog({
      title: trans.__('Cancel run %1?', run.id),
      body: trans.__('It ends now. What its cells have done so far stays to be seen.'),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Let it go on') }),
        Dialog.warnButton({ label: trans.__('Cancel run') })
      ]
    });
    if (asked.button.accept) {
      await client.cancel(id);
    }
  };

  const copy = async (step: string): Promise<void> => {
    const { path } = await client.copy(id, step);
    await commands.execute('docmanager:open', { path });
  };

  const menuOf = (step: Step): Menu => {
    const own = new CommandRegistry();
    const menu = new Menu({ commands: own });
    const labels: Record<(typeof FILES)[number], string> = {
      'executed.ipynb': trans.__('Executed notebook'),
      'executed.html': trans.__('Executed notebook as a page'),
      'manifest.json': trans.__('Manifest'),
      'log.txt': trans.__('Log')
    };
    for (const file of FILES) {
      own.addCommand(file, {
        label: labels[file],
        execute: () => {
          download(fileUrl(step.name, file));
        }
      });
      menu.addItem({ command: file });
    }
    menu.aboutToClose.connect(() => {
      requestAnimationFrame(() => {
        menu.dispose();
      });
    });
    return menu;
  };

  return {
    fileUrl,
    cancel: run => {
      cancel(run).catch(tellProblem);
    },
    openCopy: step => {
      copy(step).catch(tellProblem);
    },
    copyLink: (step, cell) => {
      Clipboard.copyToSystem(
        runLink({ id, ...(step === null ? {} : { step }), ...(cell === null ? {} : { cell }) })
      );
      Notification.info(
        cell === null ? trans.__('Link to the run copied') : trans.__('Link to the cell copied'),
        {
          autoClose: 3000
        }
      );
    },
    download: (_, step, button) => {
      const { left, bottom } = button.getBoundingClientRect();
      menuOf(step).open(left, bottom);
    },
    openSource: where('docmanager:open', (run: RunDetail) => {
      execute('docmanager:open', { path: run.source_path });
    }),
    submitAgain: where(CommandIDs.submit, (run: RunDetail) => {
      const choices = run.choices as unknown as ReadonlyPartialJSONObject;
      execute(CommandIDs.submit, { path: run.source_path, choices });
    }),
    compare: where(CommandIDs.compare, () => {
      execute(CommandIDs.compare, { ids: [id] });
    }),
    openMlflow: where(CommandIDs.openMlflow, (fragment: string, title: string) => {
      execute(CommandIDs.openMlflow, { fragment, title });
    }),
    openPage: where(CommandIDs.openPage, (step: string, file: string, title: string) => {
      execute(CommandIDs.openPage, { id, step, file, title });
    }),
    openTable: where(CommandIDs.openTable, (step: string, output: string, title: string) => {
      execute(CommandIDs.openTable, { id, step, output, title });
    })
  };
}
