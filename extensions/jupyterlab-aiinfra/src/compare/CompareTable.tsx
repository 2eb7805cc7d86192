import type { JSX } from 'react';
import { closeIcon } from '@jupyterlab/ui-components';

import type { Compared, Comparison, RunRow } from '../api/schema';
import { StateBadge } from '../common/StateBadge';
import { useNow } from '../common/now';
import { absolute, ago } from '../core/format';
import type { IAiinfra } from '../core/tokens';
import { fold, groupLabel, type IFolded } from './groups';
import type { CompareModel } from './model';
import { nameOf, shown } from './value';

interface IProps {
  readonly aiinfra: IAiinfra;
  /** As `Intl` wants it. */
  readonly language: string;
  readonly model: CompareModel;
  readonly comparison: Comparison;
  readonly openRun: (id: string) => void;
}

function RunHead(props: IProps & { readonly run: RunRow }): JSX.Element {
  const { aiinfra, language, model, run, openRun } = props;
  const { trans } = aiinfra;
  const now = useNow(60);
  return (
    <th scope="col" className="jp-aiinfra-compare-run">
      <div className="jp-aiinfra-compare-run-title">
        <button
          type="button"
          className="jp-aiinfra-link"
          onClick={() => {
            openRun(run.id);
          }}
        >
          {trans.__('Run %1', run.id)}
        </button>
        <button
          type="button"
          className="jp-aiinfra-icon-button"
          title={trans.__('Take run %1 out of the comparison', run.id)}
          aria-label={trans.__('Take run %1 out of the comparison', run.id)}
          onClick={() => {
            model.remove(run.id);
          }}
        >
          <closeIcon.react tag="span" width="14px" height="14px" />
        </button>
      </div>
      <div>{run.name}</div>
      <StateBadge state={run.state} trans={trans} />
      {typeof run.started === 'number' && (
        <div title={absolute(run.started, language)}>{ago(run.started, now, language)}</div>
      )}
    </th>
  );
}

function Value(props: {
  readonly aiinfra: IAiinfra;
  readonly name: string;
  readonly value: unknown;
}): JSX.Element {
  const told = shown(props.name, props.value);
  return (
    <td title={told?.title}>
      {told ? (
        told.text
      ) : (
        <>
          <span aria-hidden="true">–</span>
          <span className="jp-aiinfra-unseen">{props.aiinfra.trans.__('not there')}</span>
        </>
      )}
    </td>
  );
}

function Row(props: {
  readonly aiinfra: IAiinfra;
  readonly row: Compared;
  readonly runs: readonly RunRow[];
}): JSX.Element {
  const { aiinfra, row, runs } = props;
  return (
    <tr data-differs={row.differs}>
      <th scope="row">{nameOf(row.name)}</th>
      {runs.map((run, i) => (
        <Value key={run.id} aiinfra={aiinfra} name={row.name} value={row.values[i]} />
      ))}
    </tr>
  );
}

function Group(props: IProps & { readonly group: IFolded }): JSX.Element {
  const { aiinfra, model, comparison, group } = props;
  const { trans } = aiinfra;
  const open = model.isOpen(group.name);
  const { different, equal } = group;
  return (
    <tbody>
      <tr className="jp-aiinfra-compare-group">
        <th scope="rowgroup" colSpan={comparison.runs.length + 1}>
          <span className="jp-aiinfra-compare-group-name">{groupLabel(group.name, trans)}</span>
          <span className="jp-aiinfra-quiet">
            {different.length > 0
              ? trans._n('%1 different', '%1 different', different.length)
              : equal.length > 0
                ? trans.__('nothing differs')
                : trans.__('nothing known')}
          </span>
          {equal.length > 0 && (
            <button
              type="button"
              className="jp-aiinfra-link"
              aria-expanded={open}
              aria-label={trans.__('%1: %2 equal', groupLabel(group.name, trans), equal.length)}
              onClick={() => {
                model.toggle(group.name);
              }}
            >
              <span aria-hidden="true">{open ? '▾' : '▸'}</span>{' '}
              {trans._n('%1 equal', '%1 equal', equal.length)}
            </button>
          )}
        </th>
      </tr>
      {[...different, ...(open ? equal : [])].map(row => (
        <Row key={row.name} aiinfra={aiinfra} row={row} runs={comparison.runs} />
      ))}
    </tbody>
  );
}

/** Runs side by side: what differs first, what doesn't folded away. */
export function CompareTable(props: IProps): JSX.Element {
  const { aiinfra, comparison } = props;
  const { trans } = aiinfra;
  return (
    <table className="jp-aiinfra-compare-table">
      <caption className="jp-aiinfra-unseen">{trans.__('The compared runs, what differs first')}</caption>
      <thead>
        <tr>
          <td />
          {comparison.runs.map(run => (
            <RunHead key={run.id} {...props} run={run} />
          ))}
        </tr>
      </thead>
      {comparison.groups.map(group => (
        <Group key={group.name} {...props} group={fold(group)} />
      ))}
    </table>
  );
}
