import type { JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ProblemError } from '../api/problem';

/** What is wrong and how to mend it, with a way to try again. */
export function ProblemView(props: {
  readonly error: ProblemError;
  readonly trans: TranslationBundle;
  readonly retry?: () => void;
}): JSX.Element {
  const { error, trans, retry } = props;
  return (
    <div className="jp-aiinfra-problem" role="alert">
      <p className="jp-aiinfra-problem-what">
        {error.unreachable
          ? trans.__('The server does not answer.')
          : error.unauthorized
            ? trans.__('The server wants you to log in again.')
            : error.message}
      </p>
      {error.problem.remedy && <p className="jp-aiinfra-problem-remedy">{error.problem.remedy}</p>}
      {retry && (
        <button type="button" className="jp-mod-styled jp-mod-minimal" onClick={retry}>
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}
