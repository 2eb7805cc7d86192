import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, InputGroup } from '@jupyterlab/ui-components';
import { useEffect, useRef, useState, type ReactElement } from 'react';

import type { IRunsFilter } from '../api/client';
import { useSignal } from '../common/useSignal';
import { STATE_SHAPES, stateLabel, type StateName } from '../core/format';
import type { RunsModel } from './model';

/** Milliseconds between the last letter and the question. */
const PAUSE = 200;

interface IFiltersProps {
  readonly runs: RunsModel;
  readonly trans: TranslationBundle;
}

interface IChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChoose: (value: string | null) => void;
}

function Choice({ label, all, value, options, onChoose }: IChoiceProps): ReactElement {
  return (
    <HTMLSelect
      aria-label={label}
      title={label}
      value={value}
      options={[{ value: '', label: all }, ...options]}
      onChange={event => {
        onChoose(event.target.value || null);
      }}
    />
  );
}

const plain = (values: readonly string[], chosen: string): { value: string; label: string }[] =>
  [...new Set(chosen ? [...values, chosen] : values)].map(value => ({ value, label: value }));

/** The search box and the menus over the list. */
export function Filters({ runs, trans }: IFiltersProps): ReactElement {
  useSignal(runs.stateChanged);
  const { filter, facets } = runs;
  const [typed, setTyped] = useState<string | null>(null);
  const timer = useRef(0);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    []
  );

  const set = (more: IRunsFilter): void => {
    void runs.setFilter({ ...runs.filter, ...more });
  };
  const type = (text: string): void => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      setTyped(null);
      set({ text: text.trim() || null });
    }, PAUSE);
  };
  const states = (Object.keys(STATE_SHAPES) as StateName[]).map(state => ({
    value: state,
    label: `${STATE_SHAPES[state]} ${stateLabel(state, trans)}`
  }));
  return (
    <div className="jp-aiinfra-Runs-filters" role="search" aria-label={trans.__('Filter the runs')}>
      <InputGroup
        type="search"
        rightIcon="ui-components:search"
        placeholder={trans.__('Filter by name or notebook')}
        aria-label={trans.__('Filter by name or notebook')}
        value={typed ?? filter.text ?? ''}
        onChange={event => {
          type(event.target.value);
        }}
      />
      <div className="jp-aiinfra-Runs-menus">
        <Choice
          label={trans.__('State')}
          all={trans.__('State')}
          value={filter.state ?? ''}
          options={states}
          onChoose={state => {
            set({ state });
          }}
        />
        <Choice
          label={trans.__('Notebook')}
          all={trans.__('Notebook')}
          value={filter.source ?? ''}
          options={plain(facets.sources, filter.source ?? '')}
          onChoose={source => {
            set({ source });
          }}
        />
        <Choice
          label={trans.__('Target')}
          all={trans.__('Target')}
          value={filter.target ?? ''}
          options={plain(facets.targets, filter.target ?? '')}
          onChoose={target => {
            set({ target });
          }}
        />
      </div>
    </div>
  );
}
