import { memo, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IBlock, Printed } from './printed';

const Block = memo(function Block({ block }: { readonly block: IBlock }): JSX.Element {
  return (
    <span className="jp-aiinfra-printed-block" data-stream={block.stream}>
      {block.text}
    </span>
  );
});

/** Printed text: a piece that is full is never drawn again, however much follows. */
export function PrintedView(props: {
  readonly printed: Printed;
  /** Says that `printed` has changed. */
  readonly version?: number;
  readonly trans: TranslationBundle;
  readonly openLog?: () => void;
}): JSX.Element {
  const { printed, trans, openLog } = props;
  return (
    <div className="jp-aiinfra-printed">
      {printed.dropped > 0 && (
        <p className="jp-aiinfra-run-note">
          {trans._n('%1 earlier line', '%1 earlier lines', printed.dropped)}
          {openLog && (
            <>
              {': '}
              <button type="button" className="jp-aiinfra-link" onClick={openLog}>
                {trans.__('open the log')}
              </button>
            </>
          )}
        </p>
      )}
      <pre>
        {printed.blocks.map(block => (
          <Block key={block.key} block={block} />
        ))}
      </pre>
    </div>
  );
}
