import type { JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Place, Problem } from '../api/schema';
import { nameOf } from './document';

/** Where something is, as a person says it. */
export function placeText(place: Place, path: string, trans: TranslationBundle): string {
  const file = place.file !== null && place.file !== path ? nameOf(place.file) : '';
  const parts = [
    file,
    place.cell === null ? '' : trans.__('cell %1', place.cell),
    place.line === null ? '' : trans.__('line %1', place.line)
  ];
  return parts.filter(Boolean).join(', ');
}

export interface IProblemNoteProps {
  readonly problem: Problem;
  /** Of what is being submitted. */
  readonly path: string;
  readonly goTo: (place: Place) => void;
  readonly trans: TranslationBundle;
}

/** What is wrong, where, what mends it, and a way there. */
export function ProblemNote({ problem, path, goTo, trans }: IProblemNoteProps): JSX.Element {
  const where = placeText(problem.where, path, trans);
  return (
    <div className="jp-aiinfra-problem" role="alert">
      <p className="jp-aiinfra-problem-what">
        <span aria-hidden="true">✗</span> <span className="jp-aiinfra-hidden">{trans.__('Error:')}</span>{' '}
        {problem.message}
      </p>
      {where && <p className="jp-aiinfra-quiet">{where}</p>}
      {problem.remedy && <p className="jp-aiinfra-problem-remedy">{problem.remedy}</p>}
      <GoTo place={problem.where} path={path} goTo={goTo} trans={trans} />
    </div>
  );
}

/** A link to a cell, or to a line of a file. */
export function GoTo({
  place,
  path,
  goTo,
  trans
}: Omit<IProblemNoteProps, 'problem'> & { readonly place: Place }): JSX.Element | null {
  if (place.cell === null && (place.line === null || place.file === null)) {
    return null;
  }
  return (
    <button
      type="button"
      className="jp-aiinfra-link"
      aria-label={trans.__('Go to %1', placeText(place, path, trans))}
      onClick={() => {
        goTo(place);
      }}
    >
      {place.cell === null ? trans.__('Go to line') : trans.__('Go to cell')}
    </button>
  );
}
