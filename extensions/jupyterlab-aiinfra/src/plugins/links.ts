import { IRouter, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';

import { LINKS, placeOf, withoutPlace } from '../common/links';
import { CommandIDs } from '../core/tokens';

const OPEN_LINK = 'aiinfra:open-link';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:links',
  description: 'Addresses that lead to a run.',
  autoStart: true,
  optional: [IRouter],
  activate: (app: JupyterFrontEnd, router: IRouter | null): void => {
    const { commands } = app;
    if (router === null) {
      return;
    }
    // Not in the palette: only an address leads here.
    commands.addCommand(OPEN_LINK, {
      describedBy: { args: { type: 'object', properties: { search: { type: 'string' } } } },
      execute: args => {
        const place = placeOf(typeof args.search === 'string' ? args.search : '');
        if (place === null) {
          return;
        }
        // Others may still look at the address, and the layout isn't there yet.
        void app.restored.then(async () => {
          const { path, search, hash } = router.current;
          router.navigate(`${path}${withoutPlace(search ?? '')}${hash}`, { skipRouting: true });
          if (commands.hasCommand(CommandIDs.openRun)) {
            await commands.execute(CommandIDs.openRun, { ...place });
          }
        });
      }
    });
    router.register({ command: OPEN_LINK, pattern: LINKS });
  }
};

export default plugin;
