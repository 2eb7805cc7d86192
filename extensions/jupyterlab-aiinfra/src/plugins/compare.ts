import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';

import type { CompareWidget } from '../compare/widget';
import { show } from '../common/show';
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
            },
            key: {
              type: 'string',
              description: trans.__('What the tab is known by when it is opened again after a reload')
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
        const id = `aiinfra-compare-${isText(args.key) ? args.key : UUID.uuid4()}`;
        const fits = (open: CompareWidget): boolean =>
          open.id === id || (!isText(args.key) && open.model.ids.join() === ids.join());
        await show(shell, tracker, fits, async () => {
          const { CompareWidget } = await import('../compare/widget');
          return () => {
            const made = new CompareWidget({ aiinfra, language, ids, openRun });
            made.id = id;
            made.model.stateChanged.connect(() => void tracker.save(made));
            return made;
          };
        });
      }
    });

    palette?.addItem({ command: CommandIDs.compare, category: trans.__('aiinfra') });
    // The name stays while runs come and go: the layout knows the tab by it.
    const keyOf = (widget: CompareWidget): string => widget.id.replace('aiinfra-compare-', '');
    void restorer?.restore(tracker, {
      command: CommandIDs.compare,
      args: widget => ({ ids: [...widget.model.ids], key: keyOf(widget) }),
      name: keyOf
    });
  }
};

export default plugin;
