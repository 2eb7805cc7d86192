import { MainAreaWidget } from '@jupyterlab/apputils';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { CommandRegistry } from '@lumino/commands';

import type { IAiinfra } from '../core/tokens';
import { makeActions } from './commands';
import { Rendering } from './rendering';
import { RunWidget } from './widget';

export interface IRunServices {
  readonly aiinfra: IAiinfra;
  readonly commands: CommandRegistry;
  readonly rendermime: IRenderMimeRegistry;
  readonly languages: IEditorLanguageRegistry | null;
  readonly language: string;
}

/** The view of the run `id`, for the main area. */
export function makeRunView(services: IRunServices, id: string): MainAreaWidget<RunWidget> {
  const { aiinfra, commands, rendermime, languages, language } = services;
  const rendering = new Rendering(rendermime, languages, aiinfra.trans.__('Drawing'));
  const content = new RunWidget({
    aiinfra,
    id,
    rendering,
    actions: makeActions(aiinfra, commands, id),
    language
  });
  const view = new MainAreaWidget({ content });
  view.toolbar.hide();
  view.id = `aiinfra-run-${id}`;
  view.title.closable = true;
  return view;
}
