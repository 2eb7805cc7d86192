import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';

import type { DriftReport } from '../api/schema';
import { show } from '../common/show';
import { languageOf } from '../core/format';
import { CommandIDs, IAiinfra } from '../core/tokens';
import type { DriftWidget } from '../drift/widget';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:drift',
  description: 'The drift reports that runs wrote, over time.',
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
    const tracker = new WidgetTracker<DriftWidget>({ namespace: 'aiinfra-drift' });

    const openRun = (id: string): void => void commands.execute(CommandIDs.openRun, { id });
    const openReport = ({ run, step, file }: DriftReport): void => {
      const title = trans.__('Drift, run %1', run);
      void commands.execute(CommandIDs.openPage, { id: run, step, file, title });
    };

    commands.addCommand(CommandIDs.openDrift, {
      label: trans.__('Show drift'),
      caption: trans.__('How far the data has moved from what the models learned from, over time'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            source: { type: 'string', description: trans.__('Only the reports of this notebook or pipeline') }
          }
        }
      },
      execute: async args => {
        const source = typeof args.source === 'string' ? args.source : null;
        const fits = (open: DriftWidget): boolean => open.source === source;
        await show(shell, tracker, fits, async () => {
          const { DriftWidget } = await import('../drift/widget');
          return () => {
            const made = new DriftWidget({ aiinfra, language, openReport, openRun }, source);
            made.id = `aiinfra-drift-${source ?? ''}`;
            return made;
          };
        });
      }
    });

    palette?.addItem({ command: CommandIDs.openDrift, category: trans.__('aiinfra') });
    void restorer?.restore(tracker, {
      command: CommandIDs.openDrift,
      args: ({ source }) => (source === null ? {} : { source }),
      name: ({ source }) => source ?? 'all'
    });
  }
};

export default plugin;
