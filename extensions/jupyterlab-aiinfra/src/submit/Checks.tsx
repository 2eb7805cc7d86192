import type { JSX } from 'react';

import type { Finding, Place } from '../api/schema';
import type { ISectionProps } from './Parameters';
import { GoTo, placeText, ProblemNote } from './ProblemNote';
import { otherProblems } from './state';

/** What `aiinfra check` finds, and what else keeps it from being submitted. */
export function Checks({ model, state, trans }: ISectionProps): JSX.Element {
  const { findings, checking, checkProblem, path } = state;
  const goTo = (place: Place): void => void model.document.goTo(place);
  return (
    <fieldset className="jp-aiinfra-section" data-section="checks" aria-busy={checking}>
      <legend>{trans.__('Checks')}</legend>
      {checkProblem && <ProblemNote problem={checkProblem} path={path} goTo={goTo} trans={trans} />}
      <ul className="jp-aiinfra-findings" aria-live="polite">
        {findings?.map((finding, index) => (
          <FindingItem key={index} finding={finding} path={path} goTo={goTo} trans={trans} />
        ))}
        {findings?.length === 0 && (
          <li data-level="fine">
            <span aria-hidden="true">✓</span> {trans.__('Nothing found')}
          </li>
        )}
        {findings === null && checking && <li className="jp-aiinfra-quiet">{trans.__('Checking…')}</li>}
      </ul>
      {otherProblems(state).map(problem => (
        <ProblemNote key={problem.message} problem={problem} path={path} goTo={goTo} trans={trans} />
      ))}
      <button type="button" className="jp-aiinfra-link" onClick={() => void model.check()}>
        {trans.__('Check again')}
      </button>
    </fieldset>
  );
}

interface IFindingProps extends Pick<ISectionProps, 'trans'> {
  readonly finding: Finding;
  readonly path: string;
  readonly goTo: (place: Place) => void;
}

function FindingItem({ finding, path, goTo, trans }: IFindingProps): JSX.Element {
  const isError = finding.level === 'error';
  const where = placeText(finding.where, path, trans);
  return (
    <li data-level={finding.level}>
      <span aria-hidden="true">{isError ? '✗' : '⚠'}</span>{' '}
      <span className="jp-aiinfra-hidden">{isError ? trans.__('Error:') : trans.__('Warning:')}</span>{' '}
      {where ? trans.__('%1: %2', where, finding.message) : finding.message}
      {finding.remedy && <p className="jp-aiinfra-problem-remedy">{finding.remedy}</p>}
      <GoTo place={finding.where} path={path} goTo={goTo} trans={trans} />
    </li>
  );
}
