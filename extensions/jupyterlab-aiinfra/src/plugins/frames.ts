import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import { show } from '../common/show';
import { languageOf } from '../core/format';
import { CommandIDs, IAiinfra } from '../core/tokens';
import type { MlflowPlace } from '../frames/mlflow';
import type { PagePlace } from '../frames/page';
import type { TablePlace } from '../frames/table';

type Args = ReadonlyPartialJSONObject;
type Placed<P> = Widget & { readonly place: P };

/** The text under `name`; an error says what a command needs. */
function needed(args: Args, name: string): string {
  const value = args[name];
  if (typeof value !== 'string' || value === '') {
    throw new Error(`the argument '${name}' is missing`);
  }
  return value;
}

/** The texts under `names` that are there. */
const given = <K extends string>(args: Args, ...names: K[]): Partial<Record<K, string>> =>
  Object.fromEntries(
    names.flatMap(name => (typeof args[name] === 'string' ? [[name, args[name]]] : []))
  ) as Partial<Record<K, string>>;

const texts = (told: Readonly<Record<string, string>>, required: readonly string[]): ReadonlyJSONObject => ({
  type: 'object',
  required: [...required],
  properties: Object.fromEntries(
    Object.entries(told).map(([name, description]) => [name, { type: 'string', description }])
  )
});

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:frames',
  description: 'Pages and tables that runs wrote, and MLflow.',
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

    /** A command that opens a place once, however often it is asked for, and again after a reload. */
    function opens<P extends Args>(
      id: string,
      type: string,
      texts: { label: string; caption: string; args: ReadonlyJSONObject },
      read: (args: Args) => P,
      load: () => Promise<(place: P) => Placed<P>>
    ): void {
      const tracker = new WidgetTracker<Placed<P>>({ namespace: type });
      const keyOf = (place: P): string => JSON.stringify({ ...place, title: undefined });
      commands.addCommand(id, {
        label: texts.label,
        caption: texts.caption,
        describedBy: { args: texts.args },
        execute: async args => {
          const place = read(args);
          const fits = (open: Placed<P>): boolean => keyOf(open.place) === keyOf(place);
          await show(shell, tracker, fits, async () => {
            const make = await load();
            return () => {
              const made = make(place);
              made.id = `${type}-${keyOf(place)}`;
              return made;
            };
          });
        }
      });
      void restorer?.restore(tracker, {
        command: id,
        args: widget => ({ ...widget.place }),
        name: widget => keyOf(widget.place)
      });
    }

    const place = { id: trans.__('The number of the run'), step: trans.__('The step that wrote it') };
    const title = trans.__('What the tab is called');

    opens<PagePlace>(
      CommandIDs.openPage,
      'aiinfra-page',
      {
        label: trans.__('Open a page that a run wrote'),
        caption: trans.__('In a frame that shuts it off from the Lab'),
        args: texts({ ...place, file: trans.__('The name of the file'), title }, ['id', 'step', 'file'])
      },
      args => ({
        id: needed(args, 'id'),
        step: needed(args, 'step'),
        file: needed(args, 'file'),
        ...given(args, 'title')
      }),
      async () => {
        const { PageWidget } = await import('../frames/page');
        return place => new PageWidget(aiinfra, place);
      }
    );

    opens<TablePlace>(
      CommandIDs.openTable,
      'aiinfra-table',
      {
        label: trans.__('Open a table that a run wrote'),
        caption: trans.__('Its columns, their types, and its rows'),
        args: texts({ ...place, output: trans.__('The name of the output'), title }, ['id', 'step', 'output'])
      },
      args => ({
        id: needed(args, 'id'),
        step: needed(args, 'step'),
        output: needed(args, 'output'),
        ...given(args, 'title')
      }),
      async () => {
        const { TableWidget } = await import('../frames/table');
        return place => new TableWidget(aiinfra, language, place);
      }
    );

    opens<MlflowPlace>(
      CommandIDs.openMlflow,
      'aiinfra-mlflow',
      {
        label: trans.__('Open MLflow'),
        caption: trans.__('Experiments, models and their files'),
        args: texts({ fragment: trans.__('The page: what follows the # in its address'), title }, [])
      },
      args => given(args, 'fragment', 'title'),
      async () => {
        const { MlflowWidget } = await import('../frames/mlflow');
        return place => new MlflowWidget(aiinfra, place);
      }
    );

    // The others need to be told what to open; the run view does.
    palette?.addItem({ command: CommandIDs.openMlflow, category: trans.__('aiinfra') });
  }
};

export default plugin;
