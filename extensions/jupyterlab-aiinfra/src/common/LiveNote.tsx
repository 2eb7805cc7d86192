import type { JSX } from 'react';
import { URLExt } from '@jupyterlab/coreutils';

import type { IAiinfra } from '../core/tokens';

/** A quiet line while what is shown may be old; nothing while all is well. */
export function LiveNote({ aiinfra }: { readonly aiinfra: IAiinfra }): JSX.Element | null {
  const { client, live, trans } = aiinfra;
  if (live.state === 'offline') {
    return (
      <p className="jp-aiinfra-live-note" role="status">
        {trans.__('Offline: what you see may be old')}
      </p>
    );
  }
  if (live.state === 'expired') {
    return (
      <p className="jp-aiinfra-live-note" role="status">
        <a href={URLExt.join(client.settings.baseUrl, 'login')} target="_blank" rel="noreferrer">
          {trans.__('Log in again')}
        </a>
      </p>
    );
  }
  return null;
}
