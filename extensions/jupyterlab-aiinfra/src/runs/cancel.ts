import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';

import { asProblem } from '../api/problem';
import type { RunRow } from '../api/schema';
import { hasEnded } from '../core/format';
import type { IAiinfra } from '../core/tokens';
import { named } from './describe';

/** Ask whether to cancel `runs`, and do it. Those that have ended while the question stood are left as they are. */
export async function cancelRuns(aiinfra: IAiinfra, runs: readonly RunRow[]): Promise<void> {
  const { trans } = aiinfra;
  const [first] = runs;
  if (first === undefined) {
    return;
  }
  const answer = await showDialog({
    title:
      runs.length === 1
        ? trans.__('Cancel %1?', named(first, trans))
        : trans._n('Cancel %1 run?', 'Cancel %1 runs?', runs.length),
    body: trans.__('The step that is running stops where it is. What it has written so far stays.'),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Keep running') }),
      Dialog.warnButton({ label: trans._n('Cancel run', 'Cancel runs', runs.length) })
    ]
  });
  if (answer.button.accept) {
    await Promise.all(runs.map(run => cancel(aiinfra, run)));
  }
}

async function cancel(aiinfra: IAiinfra, run: RunRow): Promise<void> {
  const { client, trans } = aiinfra;
  try {
    await client.cancel(run.id);
  } catch (error) {
    const { problem } = asProblem(error);
    const what = trans.__('%1 was not cancelled: %2', named(run, trans), problem.message);
    Notification.error([what, problem.remedy].filter(Boolean).join('\n'), { autoClose: false });
  }
}

/** Ask whether to cancel the run `id`; says so when it can't be any more. */
export async function cancelRun(aiinfra: IAiinfra, id: string): Promise<void> {
  const { client, trans } = aiinfra;
  try {
    const run = await client.run(id);
    if (hasEnded(run.state)) {
      Notification.info(trans.__('%1 has ended already', named(run, trans)), { autoClose: 5000 });
    } else if (!run.capabilities.cancel) {
      Notification.warning(trans.__('A run on %1 cannot be cancelled', run.target), { autoClose: false });
    } else {
      await cancelRuns(aiinfra, [run]);
    }
  } catch (error) {
    Notification.error(asProblem(error).message, { autoClose: false });
  }
}
