import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';

import { CommandIDs, IAiinfra } from '../core/tokens';
import { Counts } from '../runs/counts';
import { StatusItem } from '../runs/StatusItem';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:status',
  description: 'How many runs are under way, in the status bar.',
  autoStart: true,
  requires: [IAiinfra],
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, aiinfra: IAiinfra, statusBar: IStatusBar | null): void => {
    if (statusBar === null) {
      return;
    }
    const counts = new Counts(aiinfra.client, aiinfra.live);
    const show = (): void => void app.commands.execute(CommandIDs.showRuns);
    statusBar.registerStatusItem('jupyterlab-aiinfra:status', {
      item: new StatusItem(counts, aiinfra.trans, show),
      align: 'left',
      rank: 20,
      isActive: () => counts.running + counts.queued > 0,
      activeStateChanged: counts.changed
    });
  }
};

export default plugin;
