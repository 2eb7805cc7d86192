import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

import type { Counts } from './counts';

/** How many runs are under way: `2 running, 1 waiting`. */
export function underWay({ running, queued }: Counts, trans: TranslationBundle): string {
  if (queued === 0) {
    return trans.__('%1 running', running);
  }
  return running === 0 ? trans.__('%1 waiting', queued) : trans.__('%1 running, %2 waiting', running, queued);
}

/** The item in the status bar; a click shows the list of runs. */
export class StatusItem extends ReactWidget {
  constructor(
    private readonly counts: Counts,
    private readonly texts: TranslationBundle,
    private readonly open: () => void
  ) {
    super();
    this.addClass('jp-aiinfra-StatusItem');
  }

  protected override render(): ReactElement {
    return (
      <UseSignal signal={this.counts.changed}>
        {() => (
          <button
            type="button"
            className="jp-aiinfra-StatusItem-button"
            title={this.texts.__('Show the list of runs')}
            onClick={this.open}
          >
            <span aria-hidden={true}>●</span> {underWay(this.counts, this.texts)}
          </button>
        )}
      </UseSignal>
    );
  }
}
