import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunRow } from '../api/schema';
import { duration, elapsed, STATE_SHAPES } from '../core/format';
import { failure } from './describe';

/** Which ends of runs are told of. */
export type NotifyOnEnd = 'all' | 'failures' | 'none';

export const isNotifyOnEnd = (value: unknown): value is NotifyOnEnd =>
  value === 'all' || value === 'failures' || value === 'none';

/** What is said about a run that has ended. */
export interface INotice {
  readonly type: 'success' | 'error' | 'info';
  readonly message: string;
  /** Milliseconds until it goes away by itself; a failure stays. */
  readonly autoClose: number | false;
}

/** What to say about a run that has ended; null where the person doesn't want to know. */
export function noticeOf(run: RunRow, wanted: NotifyOnEnd, trans: TranslationBundle): INotice | null {
  const failed = run.state === 'FAILED';
  if (wanted === 'none' || (wanted === 'failures' && !failed)) {
    return null;
  }
  if (failed) {
    const why = failure(run);
    const message =
      why === null
        ? trans.__('Run %1 (%2) failed', run.id, run.name)
        : trans.__('Run %1 (%2) failed: %3', run.id, run.name, why);
    return { type: 'error', message, autoClose: false };
  }
  if (run.state === 'CANCELED') {
    return {
      type: 'info',
      message: trans.__('Run %1 (%2) was cancelled', run.id, run.name),
      autoClose: 5000
    };
  }
  const seconds = elapsed(run, run.finished ?? 0);
  const message =
    seconds === null
      ? trans.__('Run %1 (%2) succeeded', run.id, run.name)
      : trans.__('Run %1 (%2) succeeded in %3', run.id, run.name, duration(seconds));
  return { type: 'success', message, autoClose: 10_000 };
}

/** The window's title, with the run that has ended before it. */
export const titled = (run: RunRow, title: string): string =>
  `${STATE_SHAPES[run.state]} ${run.id} ${run.name} – ${title}`;
