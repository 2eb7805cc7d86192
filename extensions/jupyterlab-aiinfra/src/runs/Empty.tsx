import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement, ReactNode } from 'react';

/** Something to do where there is nothing to see. */
export interface IFirstStep {
  readonly label: string;
  readonly act: () => void;
}

function Note({ children, step }: { readonly children: ReactNode; readonly step: IFirstStep }): ReactElement {
  return (
    <div className="jp-aiinfra-Runs-empty">
      {children}
      <button type="button" className="jp-mod-styled jp-mod-accept" onClick={step.act}>
        {step.label}
      </button>
    </div>
  );
}

/** Nothing has run yet: how to make the first run. */
export function NoRuns(props: {
  readonly trans: TranslationBundle;
  readonly step: IFirstStep;
}): ReactElement {
  const { trans, step } = props;
  return (
    <Note step={step}>
      <h3>{trans.__('Nothing has run yet')}</h3>
      <p>
        {trans.__(
          'Open a notebook and press Submit in its toolbar: it runs from top to bottom, as a copy, and you watch it here.'
        )}
      </p>
      <p>{trans.__('In a terminal, this does the same:')}</p>
      <pre>aiinfra run notebook.ipynb</pre>
    </Note>
  );
}

/** There are runs, but none that fits. */
export function NoneFits(props: {
  readonly trans: TranslationBundle;
  readonly clear: () => void;
}): ReactElement {
  const { trans, clear } = props;
  return (
    <Note step={{ label: trans.__('Clear the filter'), act: clear }}>
      <p>{trans.__('No run fits the filter.')}</p>
    </Note>
  );
}
