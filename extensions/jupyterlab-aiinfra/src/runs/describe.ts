import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunRow } from '../api/schema';
import { hasEnded, metric } from '../core/format';

/** The first line of why a run failed, without its own name; null when it didn't fail. */
export function failure(run: RunRow): string | null {
  const line = run.state === 'FAILED' ? run.error?.trim().split('\n', 1)[0] : undefined;
  const own = `${run.name}: `;
  return line === undefined ? null : line.startsWith(own) ? line.slice(own.length) : line;
}

/** What a run says about itself in a word or two: where it is, or its key metric. */
export function headline(run: RunRow, trans: TranslationBundle): string {
  if (!hasEnded(run.state)) {
    return run.cell !== null && run.cells !== null ? trans.__('cell %1/%2', run.cell, run.cells) : '';
  }
  const value = run.key_metric === null ? undefined : run.metrics[run.key_metric];
  return run.key_metric === null || value === undefined
    ? ''
    : trans.__('%1 %2', run.key_metric.split('.').at(-1) ?? '', metric(value));
}

/** How many steps there are or are done, where there is more than one; and the one that is under way. */
export function steps(run: RunRow, trans: TranslationBundle): string {
  if (run.steps <= 1) {
    return '';
  }
  if (hasEnded(run.state)) {
    return trans._n('%1 step', '%1 steps', run.steps);
  }
  return run.step === null
    ? trans.__('%1/%2 steps', run.steps_done, run.steps)
    : trans.__('%1/%2 steps, in %3', run.steps_done, run.steps, run.step);
}

/** A run as a message names it. */
export const named = (run: RunRow, trans: TranslationBundle): string =>
  trans.__('Run %1 (%2)', run.id, run.name);
