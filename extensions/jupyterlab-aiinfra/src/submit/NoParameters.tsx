import { useState, type JSX } from 'react';

import type { ISectionProps } from './Parameters';

/** What a notebook without a parameters cell is offered: to make one of its assignments. */
export function NoParameters({ model, state, trans }: ISectionProps): JSX.Element {
  const candidates = state.source?.candidates ?? [];
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const toggle = (name: string, on: boolean): void => {
    choose(new Set(on ? [...chosen, name] : [...chosen].filter(other => other !== name)));
  };
  return (
    <fieldset className="jp-aiinfra-section" data-section="parameters">
      <legend>{trans.__('Parameters')}</legend>
      <p className="jp-aiinfra-quiet">
        {candidates.length
          ? trans.__('This notebook has no parameters cell. Choose what can be set for each run:')
          : trans.__(
              'This notebook has no parameters cell: it runs as it is. Give a cell of assignments the tag “parameters”, and they can be set here.'
            )}
      </p>
      {candidates.map(candidate => (
        <label className="jp-aiinfra-candidate" key={candidate.name}>
          <input
            type="checkbox"
            checked={chosen.has(candidate.name)}
            onChange={({ target }) => {
              toggle(candidate.name, target.checked);
            }}
          />
          <code>{candidate.source}</code>
          <span className="jp-aiinfra-quiet">{trans.__('cell %1', candidate.cell)}</span>
        </label>
      ))}
      {candidates.length > 0 && (
        <button
          type="button"
          className="jp-mod-styled"
          disabled={chosen.size === 0}
          onClick={() => {
            model.extract(candidates.filter(({ name }) => chosen.has(name)));
          }}
        >
          {trans.__('Create parameters cell')}
        </button>
      )}
    </fieldset>
  );
}
