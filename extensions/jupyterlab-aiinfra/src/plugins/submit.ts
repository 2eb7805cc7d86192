import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { DocumentWidget } from '@jupyterlab/docregistry';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator } from '@jupyterlab/translation';
import { CommandToolbarButton } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { Choices } from '../api/schema';
import { submitIcon } from '../common/submitIcon';
import { languageOf } from '../core/format';
import { CommandIDs, IAiinfra } from '../core/tokens';
import type { ISubmitSettings, Submitter } from '../submit/submitter';

/** Submit what the panel shows, as its button does. */
export const SUBMIT_NOW = 'aiinfra:submit-now';
/** Submit what is selected in the file browser. */
export const SUBMIT_SELECTED = 'aiinfra:submit-selected';

/** Where the settings of all plugins of this extension are. */
const SETTINGS = 'jupyterlab-aiinfra:plugin';

const isSubmittable = (path: string): boolean =>
  path.endsWith('.ipynb') || /(^|[/_.-])pipeline\.py$/.test(path);

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:submit',
  description: 'Submits the open notebook, or a pipeline, from a panel beside it.',
  autoStart: true,
  requires: [IAiinfra],
  optional: [
    INotebookTracker,
    IFileBrowserFactory,
    ISettingRegistry,
    IStateDB,
    ICommandPalette,
    IToolbarWidgetRegistry,
    ITranslator
  ],
  activate
};

function activate(
  app: JupyterFrontEnd,
  aiinfra: IAiinfra,
  notebooks: INotebookTracker | null,
  browsers: IFileBrowserFactory | null,
  registry: ISettingRegistry | null,
  memory: IStateDB | null,
  palette: ICommandPalette | null,
  toolbars: IToolbarWidgetRegistry | null,
  translator: ITranslator | null
): void {
  const { commands } = app;
  const { trans } = aiinfra;
  const settings = settingsOf(registry);
  let submitter: Promise<Submitter> | null = null;
  let loaded: Submitter | null = null;

  const load = async (): Promise<Submitter> => {
    const module = await import('../submit/submitter');
    loaded = new module.Submitter({
      app,
      aiinfra,
      notebooks,
      memory,
      language: languageOf(translator?.languageCode ?? 'default'),
      settings,
      submitCommand: SUBMIT_NOW
    });
    return loaded;
  };
  const open = async (path: string | null, choices: Choices | null): Promise<void> => {
    if (path !== null) {
      // What couldn't be fetched (the network was gone) can be the next time.
      submitter ??= load().catch((error: unknown) => {
        submitter = null;
        throw error;
      });
      await (await submitter).open(path, choices);
    }
  };
  const current = (): string | null => {
    const widget = app.shell.currentWidget;
    const shown = widget instanceof DocumentWidget ? widget.context.path : null;
    // With the focus in a side bar, the notebook is still the one in front.
    const path = shown ?? notebooks?.currentWidget?.context.path ?? null;
    return path !== null && isSubmittable(path) ? path : null;
  };
  const selected = (): string | null => {
    const items = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])];
    const [item] = items;
    return items.length === 1 && item && isSubmittable(item.path) ? item.path : null;
  };

  const choicesSchema = {
    type: 'object',
    description: trans.__('What to put into the form; without, what was chosen last')
  };
  commands.addCommand(CommandIDs.submit, {
    label: args =>
      args.toolbar === true || args.context === true
        ? trans.__('Submit')
        : trans.__('Submit notebook or pipeline'),
    caption: trans.__('Run it on a target, with parameters and data of your choice'),
    icon: args => (args.isPalette === true ? undefined : submitIcon),
    isEnabled: args => args.toolbar === true || typeof args.path === 'string' || current() !== null,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: { type: 'string', description: trans.__('Of a notebook or pipeline; without, the open one') },
          choices: choicesSchema
        }
      }
    },
    execute: args => open(typeof args.path === 'string' ? args.path : current(), choicesOf(args.choices))
  });
  commands.addCommand(SUBMIT_SELECTED, {
    label: trans.__('Submit'),
    caption: trans.__('Run the selected notebook or pipeline on a target'),
    icon: submitIcon,
    isVisible: () => selected() !== null,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => open(selected(), null)
  });
  commands.addCommand(SUBMIT_NOW, {
    label: trans.__('Submit with what the panel shows'),
    caption: trans.__('Start a run, as the button of the submit panel does'),
    isEnabled: () => (loaded?.model ?? null) !== null,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => loaded?.model?.submit()
  });

  // A label in the schema would never be translated, and without one a button with an icon has none.
  toolbars?.addFactory(
    'Notebook',
    'aiinfra-submit',
    () =>
      new CommandToolbarButton({
        commands,
        id: CommandIDs.submit,
        args: { toolbar: true },
        label: trans.__('Submit')
      })
  );
  if (palette) {
    const category = trans.__('aiinfra');
    palette.addItem({ command: CommandIDs.submit, category, args: { isPalette: true } });
    palette.addItem({ command: SUBMIT_NOW, category });
  }
  app.shell.currentChanged?.connect(() => {
    commands.notifyCommandChanged(CommandIDs.submit);
  });
}

const DEFAULTS: ISubmitSettings = { checkWhileEditing: true, openRunOnSubmit: false };

/** The settings as they are at any moment. */
function settingsOf(registry: ISettingRegistry | null): () => ISubmitSettings {
  let composite: ReadonlyPartialJSONObject = {};
  registry?.load(SETTINGS).then(
    settings => {
      const read = (): void => {
        composite = settings.composite;
      };
      settings.changed.connect(read);
      read();
    },
    (_: unknown) => undefined
  );
  const flag = (name: keyof ISubmitSettings): boolean => {
    const value = composite[name];
    return typeof value === 'boolean' ? value : DEFAULTS[name];
  };
  return () => ({
    checkWhileEditing: flag('checkWhileEditing'),
    openRunOnSubmit: flag('openRunOnSubmit')
  });
}

function choicesOf(given: unknown): Choices | null {
  if (typeof given !== 'object' || given === null) {
    return null;
  }
  const empty = { arguments: {}, versions: {}, target: 'local' };
  const resources = { cpu: null, memory: null, accelerator: null, accelerator_count: null };
  return { ...empty, resources, ...given };
}

export default plugin;
