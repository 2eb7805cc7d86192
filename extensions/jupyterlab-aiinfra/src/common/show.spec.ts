import type { JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';
import { describe, expect, it, vi } from 'vitest';

import { show } from './show';

const opened = () => {
  const shell = { add: vi.fn(), activateById: vi.fn() };
  const tracker = new WidgetTracker<Widget>({ namespace: 'aiinfra-compare' });
  const open = (id: string): Promise<void> =>
    show(
      shell as unknown as JupyterFrontEnd.IShell,
      tracker,
      widget => widget.id === id,
      async () => {
        await Promise.resolve();
        return () => Object.assign(new Widget(), { id });
      }
    );
  return { shell, open };
};

describe('what is shown in the main area', () => {
  it('is made once, also when it is asked for again before it is there', async () => {
    const { shell, open } = opened();
    await Promise.all([open('a'), open('a')]);
    expect(shell.add).toHaveBeenCalledTimes(1);
    expect(shell.activateById.mock.calls).toEqual([['a'], ['a']]);
  });

  it('is another one when none fits, and can be closed', async () => {
    const { shell, open } = opened();
    await open('a');
    await open('b');
    const widgets = shell.add.mock.calls.map(call => call[0] as Widget);
    expect(widgets.map(widget => [widget.id, widget.title.closable])).toEqual([
      ['a', true],
      ['b', true]
    ]);
  });
});
