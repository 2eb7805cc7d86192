import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { WidgetTracker } from '@jupyterlab/apputils';
import type { Widget } from '@lumino/widgets';

/**
 * Show the widget that fits in the main area, or make it: once, also when it is asked for again meanwhile.
 *
 * The layout knows it by the tracker's namespace.
 */
export async function show<W extends Widget>(
  shell: JupyterFrontEnd.IShell,
  tracker: WidgetTracker<W>,
  fits: (open: W) => boolean,
  load: () => Promise<() => W>
): Promise<void> {
  let widget = tracker.find(fits);
  if (!widget) {
    const make = await load();
    widget = tracker.find(fits);
    if (!widget) {
      widget = make();
      widget.title.closable = true;
      const added = tracker.add(widget);
      shell.add(widget, 'main', { type: tracker.namespace });
      await added;
    }
  }
  shell.activateById(widget.id);
}
