import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client } from '../api/client';
import { Live } from '../core/live';
import { IAiinfra } from '../core/tokens';
import { Watched } from '../core/watched';

const plugin: JupyterFrontEndPlugin<IAiinfra> = {
  id: 'jupyterlab-aiinfra:core',
  description: 'What the other plugins of this extension stand on.',
  autoStart: true,
  provides: IAiinfra,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): IAiinfra => {
    const client = new Client(app.serviceManager.serverSettings);
    const live = new Live(client, app.serviceManager.events);
    const trans = (translator ?? nullTranslator).load('aiinfra');
    return { client, live, trans, watched: new Watched() };
  }
};

export default plugin;
