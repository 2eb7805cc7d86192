import type { JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import { STATE_SHAPES, stateLabel, type StateName } from '../core/format';

/** A state: its word, with its shape and colour beside it. */
export function StateBadge(props: {
  readonly state: StateName;
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { state, trans } = props;
  return (
    <span className="jp-aiinfra-State" data-state={state}>
      <span className="jp-aiinfra-State-shape" aria-hidden="true">
        {STATE_SHAPES[state]}
      </span>{' '}
      {stateLabel(state, trans)}
    </span>
  );
}
