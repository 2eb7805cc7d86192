import type { JupyterFrontEnd } from '@jupyterlab/application';
import { DocumentWidget } from '@jupyterlab/docregistry';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IStateDB } from '@jupyterlab/statedb';
import { CommandRegistry } from '@lumino/commands';

import type { Choices, RunRow } from '../api/schema';
import { CommandIDs, type IAiinfra } from '../core/tokens';
import type { IDocument } from './document';
import { FileDocument } from './file';
import { SubmitModel } from './model';
import { NotebookDocument } from './notebook';
import { Places } from './places';
import { SubmitPanel } from './widget';

export interface ISubmitSettings {
  readonly checkWhileEditing: boolean;
  readonly openRunOnSubmit: boolean;
}

export interface ISubmitterOptions {
  readonly app: JupyterFrontEnd;
  readonly aiinfra: IAiinfra;
  readonly notebooks: INotebookTracker | null;
  readonly memory: IStateDB | null;
  readonly language: string;
  readonly settings: () => ISubmitSettings;
  /** The command that submits what the panel shows. */
  readonly submitCommand: string;
}

/** Opens the panel for a notebook or a pipeline, and keeps what was entered for each as long as it is open. */
export class Submitter {
  constructor(private readonly options: ISubmitterOptions) {
    this.places = new Places(options.app, options.notebooks);
    options.aiinfra.watched.add(run => this.shows(run));
  }

  get model(): SubmitModel | null {
    return this.panel?.model ?? null;
  }

  async open(path: string, choices: Choices | null): Promise<void> {
    const focused = document.activeElement;
    const panel = this.show();
    const notebook = path.endsWith('.ipynb') ? await this.places.notebook(path) : null;
    const model = notebook ? this.ofNotebook(notebook) : this.ofFile(path);
    const { shell } = this.options.app;
    this.back = () => {
      if (focused instanceof HTMLElement && focused.isConnected && focused !== document.body) {
        focused.focus();
      } else if (notebook && !notebook.isDisposed) {
        shell.activateById(notebook.id);
      }
    };
    panel.model = model;
    // Opening a notebook took the focus to it.
    shell.activateById(panel.id);
    panel.focus();
    await (choices || model.state.source === null ? model.load(choices) : model.reload());
  }

  private shows(run: string): boolean {
    const isVisible = this.panel?.isVisible ?? false;
    return isVisible && (this.model?.state.runs.some(({ id }) => id === run) ?? false);
  }

  private show(): SubmitPanel {
    const { app, aiinfra, language } = this.options;
    if (!this.panel || this.panel.isDisposed) {
      const openRun = (id: string): void => void app.commands.execute(CommandIDs.openRun, { id });
      this.panel = new SubmitPanel({
        aiinfra,
        language,
        keys: () => this.keys(),
        openRun: () => (app.commands.hasCommand(CommandIDs.openRun) ? openRun : null)
      });
      this.panel.disposed.connect(() => {
        this.back();
      });
      app.shell.add(this.panel, 'right', { rank: 800 });
    }
    app.shell.activateById(this.panel.id);
    return this.panel;
  }

  private keys(): string {
    const { app, submitCommand } = this.options;
    const binding = app.commands.keyBindings.find(({ command }) => command === submitCommand);
    return binding?.keys.map(CommandRegistry.formatKeystroke).join(', ') ?? '';
  }

  private ofNotebook(notebook: NotebookPanel): SubmitModel {
    const known = this.ofNotebooks.get(notebook);
    if (known) {
      return known;
    }
    const { trans } = this.options.aiinfra;
    const made = this.make(new NotebookDocument(notebook, place => this.places.goTo(place), trans));
    this.ofNotebooks.set(notebook, made);
    made.document.closed.connect(() => {
      if (this.model === made) {
        this.panel?.close();
      }
      made.dispose();
      made.document.dispose();
    });
    return made;
  }

  private ofFile(path: string): SubmitModel {
    const known = this.ofFiles.get(path);
    if (known) {
      return known;
    }
    const { app, memory } = this.options;
    const context = (): DocumentWidget['context'] | null => {
      for (const widget of app.shell.widgets('main')) {
        if (widget instanceof DocumentWidget && widget.context.path === path) {
          return widget.context;
        }
      }
      return null;
    };
    const made = this.make(new FileDocument(path, place => this.places.goTo(place), context, memory));
    this.ofFiles.set(path, made);
    return made;
  }

  private make(document: IDocument): SubmitModel {
    const { aiinfra, settings } = this.options;
    return new SubmitModel({
      server: aiinfra.client,
      live: aiinfra.live,
      trans: aiinfra.trans,
      document,
      checkWhileEditing: () => settings().checkWhileEditing,
      started: run => {
        this.started(run);
      }
    });
  }

  private started(run: RunRow): void {
    const { commands } = this.options.app;
    if (this.options.settings().openRunOnSubmit && commands.hasCommand(CommandIDs.openRun)) {
      void commands.execute(CommandIDs.openRun, { id: run.id });
    }
  }

  private panel: SubmitPanel | null = null;
  private back: () => void = () => undefined;
  private readonly places: Places;
  private readonly ofNotebooks = new WeakMap<NotebookPanel, SubmitModel>();
  private readonly ofFiles = new Map<string, SubmitModel>();
}
