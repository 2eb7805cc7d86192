import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import type { CompareWidget } from '../compare/widget';
import { languageOf } from '../core/format';
import { CommandIDs, IAiinfra } from '../core/tokens';

const isText = (value: unknown): value is string => typeof value === 'string';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:compare',
  description: 'Runs side by side: what is different?',
  autoStart: true,
  requires: [IAiinfra],
  optional: [ITranslator, ICommandPalette, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    aiinfra: IAiinfra,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const { trans } = aiinfra;
    const { commands, shell } = app;
    const language = languageOf(translator?.languageCode ?? 'default');
    const tracker = new WidgetTracker<CompareWidget>({ namespace: 'aiinfra-compare' });
    const openRun = (id: string): void => void commands.execute(CommandIDs.openRun, { id });

    const ask = async (): Promise<readonly string[]> =>
      (await import('../compare/Choose')).chooseRuns(aiinfra, language, []);

    commands.addCommand(CommandIDs.compare, {
      label: trans.__('Compare runs…'),
      caption: trans.__('What is different between runs: parameters, data, code, environment, metrics'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            ids: {
              type: 'array',
              items: { type: 'string' },
              description: trans.__('The numbers of the runs; without, it asks')
            }
          }
        }
      },
      execute: async args => {
        const given = Array.isArray(args.ids) ? args.ids.filter(isText) : null;
        const ids = given ?? (await ask());
        if (given === null && ids.length === 0) {
          return;
        }
        let widget = tracker.find(open => open.model.ids.join() === ids.join());
        if (!widget) {
          const { CompareWidget } = await import('../compare/widget');
          const made = new CompareWidget({ aiinfra, language, ids, openRun });
          made.id = `aiinfra-compare-${Date.now()}-${Math.random().toString(36).slice(2)}`;
          made.title.closable = true;
          made.model.stateChanged.connect(() => void tracker.save(made));
          await tracker.add(made);
          shell.add(made, 'main', { type: 'aiinfra-compare' });
          widget = made;
        }
        shell.activateById(widget.id);
      }
    });

    palette?.addItem({ command: CommandIDs.compare, category: trans.__('aiinfra') });
    void restorer?.restore(tracker, {
      command: CommandIDs.compare,
      args: widget => ({ ids: [...widget.model.ids] }),
      name: widget => widget.model.ids.join()
    });
  }
};

export default plugin;
