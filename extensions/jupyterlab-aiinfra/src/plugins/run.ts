import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, WidgetTracker, type MainAreaWidget } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator } from '@jupyterlab/translation';

import { languageOf } from '../core/format';
import { CommandIDs, IAiinfra } from '../core/tokens';
import type { RunWidget } from '../run/widget';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:run',
  description: 'The view of a run: its steps, and what they execute, live.',
  autoStart: true,
  requires: [IAiinfra, IRenderMimeRegistry],
  optional: [IEditorLanguageRegistry, ITranslator, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    aiinfra: IAiinfra,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { trans } = aiinfra;
    const { commands, shell } = app;
    const language = languageOf(translator?.languageCode ?? 'default');
    const tracker = new WidgetTracker<MainAreaWidget<RunWidget>>({ namespace: 'aiinfra-run' });

    const ask = async (): Promise<string | null> => {
      const asked = await InputDialog.getText({
        title: trans.__('Open run'),
        label: trans.__('The number of the run'),
        pattern: '[0-9]+',
        required: true
      });
      return asked.button.accept ? (asked.value?.trim() ?? null) : null;
    };

    commands.addCommand(CommandIDs.openRun, {
      label: trans.__('Open run…'),
      caption: trans.__('Watch a run cell by cell, or see what it left'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            id: { type: 'string', description: trans.__('The number of the run; without, it asks') },
            step: { type: 'string', description: trans.__('The step to show') },
            cell: { type: 'number', description: trans.__('The cell to show, counted from 1') }
          }
        }
      },
      execute: async args => {
        const id = typeof args.id === 'string' ? args.id : await ask();
        if (id === null || id === '') {
          return;
        }
        let view = tracker.find(open => open.content.model.id === id);
        if (!view) {
          const { makeRunView } = await import('../run/open');
          view = tracker.find(open => open.content.model.id === id);
          if (!view) {
            view = makeRunView({ aiinfra, commands, rendermime, languages, language }, id);
            shell.add(view, 'main', { type: 'aiinfra-run' });
            await tracker.add(view);
          }
        }
        view.content.go(
          typeof args.step === 'string' ? args.step : undefined,
          typeof args.cell === 'number' ? args.cell : undefined
        );
        shell.activateById(view.id);
      }
    });

    palette?.addItem({ command: CommandIDs.openRun, category: trans.__('aiinfra') });
    void restorer?.restore(tracker, {
      command: CommandIDs.openRun,
      args: view => ({ id: view.content.model.id }),
      name: view => view.content.model.id
    });
  }
};

export default plugin;
