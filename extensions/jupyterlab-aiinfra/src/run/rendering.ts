import { jupyterHighlightStyle, type IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IOutput } from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import { MimeModel, type IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import type { Cell } from '../api/schema';

const SVG = 'image/svg+xml';

/** A drawing as a picture: in an `img` no script of it runs, and it loads nothing. */
class Picture extends Widget implements IRenderMime.IRenderer {
  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const source = model.data[SVG];
    const text = Array.isArray(source) ? source.join('') : typeof source === 'string' ? source : '';
    const image = document.createElement('img');
    image.src = `data:${SVG};charset=utf-8,${encodeURIComponent(text)}`;
    image.alt = this.alt;
    this.node.replaceChildren(image);
    this.addClass('jp-RenderedImage');
    return Promise.resolve();
  }

  alt = '';
}

/**
 * Shows what untrusted notebooks hold, with JupyterLab's own renderers: HTML is sanitised, nothing of it runs.
 *
 * Renderers that JupyterLab itself calls unsafe are never chosen, and no widget finds a kernel to talk with.
 */
export class Rendering {
  constructor(
    registry: IRenderMimeRegistry,
    private readonly languages: IEditorLanguageRegistry | null,
    alt: string
  ) {
    this.registry = registry.clone();
    const createRenderer = (): Picture => Object.assign(new Picture(), { alt });
    this.registry.addFactory({ safe: true, mimeTypes: [SVG], createRenderer }, 0);
    mountHighlighting();
  }

  /** An area with these outputs, to be attached and disposed of by the caller. */
  outputs(values: Cell['outputs']): Widget {
    const model = new OutputAreaModel({ values: values as unknown as IOutput[], trusted: false });
    const area = new SimplifiedOutputArea({ model, rendermime: this.registry, promptOverlay: false });
    area.disposed.connect(() => {
      model.dispose();
    });
    return area;
  }

  markdown(source: string): Widget {
    const widget = this.registry.createRenderer('text/markdown');
    const model = new MimeModel({ data: { 'text/markdown': source }, trusted: false });
    void widget.renderModel(model);
    return widget;
  }

  /** The source in colours, put into `node`; plain where the language is not known. */
  async highlight(source: string, language: string, node: HTMLElement): Promise<void> {
    const made = document.createElement('span');
    const known = this.languages?.findByName(language) ?? this.languages?.findBest(language) ?? null;
    await this.languages?.highlight(source, known, made);
    if (made.textContent === source) {
      node.replaceChildren(made);
    }
  }

  private readonly registry: IRenderMimeRegistry;
}

/** The rules of the colours come with the first editor; there may be none yet. */
function mountHighlighting(): void {
  const id = 'jp-aiinfra-highlighting';
  const rules = jupyterHighlightStyle.module?.getRules();
  if (rules !== undefined && document.getElementById(id) === null) {
    const style = document.createElement('style');
    style.id = id;
    style.textContent = rules;
    document.head.append(style);
  }
}
