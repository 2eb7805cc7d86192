import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { RunRow } from '../api/schema';
import { CommandIDs, IAiinfra } from '../core/tokens';
import { Endings } from '../runs/endings';
import { isNotifyOnEnd, noticeOf, titled, type NotifyOnEnd } from '../runs/notify';
import { TitleNotice } from '../runs/title';

const SETTINGS = 'jupyterlab-aiinfra:plugin';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-aiinfra:notify',
  description: 'Tells when a run has ended.',
  autoStart: true,
  requires: [IAiinfra],
  optional: [ISettingRegistry],
  activate: (app: JupyterFrontEnd, aiinfra: IAiinfra, settings: ISettingRegistry | null): void => {
    const { client, live, trans, watched } = aiinfra;
    const title = new TitleNotice();
    let wanted: NotifyOnEnd = 'all';

    const tell = (_: unknown, run: RunRow): void => {
      const notice = noticeOf(run, wanted, trans);
      if (notice === null) {
        return;
      }
      const { message, type } = notice;
      // Where the run is seen anyway, the news waits in the notification centre and covers nothing.
      const autoClose = watched.has(run.id) ? 0 : notice.autoClose;
      const open = {
        label: trans.__('Open'),
        caption: trans.__('Open run %1', run.id),
        callback: () => void app.commands.execute(CommandIDs.openRun, { id: run.id })
      };
      const actions = app.commands.hasCommand(CommandIDs.openRun) ? [open] : [];
      Notification.emit(message, type, { autoClose, actions });
      title.show(before => titled(run, before));
    };

    new Endings(client, live).ended.connect(tell);
    settings?.load(SETTINGS).then(
      loaded => {
        const read = (): void => {
          const { composite } = loaded.get('notifyOnEnd');
          wanted = isNotifyOnEnd(composite) ? composite : 'all';
        };
        loaded.changed.connect(read);
        read();
      },
      () => undefined // Without settings, the default holds.
    );
  }
};

export default plugin;
