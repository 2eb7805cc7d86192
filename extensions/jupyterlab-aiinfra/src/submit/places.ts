import type { JupyterFrontEnd } from '@jupyterlab/application';
import { NotebookPanel, type INotebookTracker } from '@jupyterlab/notebook';

import type { Place } from '../api/schema';

/** Finds and opens notebooks and files of the Lab. */
export class Places {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly notebooks: INotebookTracker | null
  ) {}

  /** The notebook at a path, opened if it isn't; null when it can't be. */
  async notebook(path: string): Promise<NotebookPanel | null> {
    const open = this.notebooks?.find(panel => panel.context.path === path);
    const panel: unknown =
      open ?? (await this.app.commands.execute('docmanager:open', { path, factory: 'Notebook' }));
    if (!(panel instanceof NotebookPanel)) {
      return null;
    }
    await panel.context.ready;
    return panel;
  }

  /** Show a place: the cell of a notebook, the line of a file. */
  async goTo({ file, cell, line }: Place): Promise<void> {
    if (file === null) {
      return;
    }
    if (file.endsWith('.ipynb')) {
      const panel = await this.notebook(file);
      if (panel) {
        this.app.shell.activateById(panel.id);
        await showCell(panel, cell, line);
      }
      return;
    }
    await this.app.commands.execute('docmanager:open', { path: file });
    if (line !== null && this.app.commands.hasCommand('fileeditor:go-to-line')) {
      await this.app.commands.execute('fileeditor:go-to-line', { line });
    }
  }
}

/** Cells and lines count from 1. */
async function showCell(panel: NotebookPanel, number: number | null, line: number | null): Promise<void> {
  const notebook = panel.content;
  await panel.revealed;
  const index = (number ?? 0) - 1;
  const cell = notebook.widgets[index];
  if (!cell) {
    return;
  }
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'center');
  await cell.ready;
  if (line !== null && cell.model.type === 'code') {
    notebook.mode = 'edit';
    cell.editor?.setCursorPosition({ line: line - 1, column: 0 });
  } else {
    notebook.mode = 'command';
    notebook.activate();
  }
}
