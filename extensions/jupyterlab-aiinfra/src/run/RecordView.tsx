import type { JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { OutputRecord, Step, StepRecord } from '../api/schema';
import { bytes, metric } from '../core/format';
import type { IActions } from './actions';
import { JsonTree, written } from './JsonTree';

interface IProps {
  readonly record: StepRecord;
  readonly step: Step;
  readonly actions: IActions;
  readonly trans: TranslationBundle;
}

function Section(props: { readonly title: string; readonly children: JSX.Element }): JSX.Element {
  return (
    <section>
      <h3>{props.title}</h3>
      {props.children}
    </section>
  );
}

const short = (hash: string): string => hash.replace(/^sha256:/, '').slice(0, 10);

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <table className="jp-aiinfra-run-table">
      <tbody>
        {pairs.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <code>{value}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Open(props: {
  readonly output: OutputRecord;
  readonly step: string;
  readonly actions: IActions;
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { output, step, actions, trans } = props;
  const { openPage, openTable, openMlflow } = actions;
  const { file, mlflow, name } = output;
  return (
    <span className="jp-aiinfra-links">
      {output.view === 'page' && file !== null && openPage && (
        <button
          type="button"
          className="jp-aiinfra-link"
          onClick={() => {
            openPage(step, file, name);
          }}
        >
          {trans.__('Open page')}
        </button>
      )}
      {output.view === 'table' && openTable && (
        <button
          type="button"
          className="jp-aiinfra-link"
          onClick={() => {
            openTable(step, name, name);
          }}
        >
          {trans.__('Preview table')}
        </button>
      )}
      {mlflow !== null && openMlflow && (
        <button
          type="button"
          className="jp-aiinfra-link"
          onClick={() => {
            openMlflow(mlflow, name);
          }}
        >
          {trans.__('Open in MLflow')}
        </button>
      )}
      {file !== null && (
        <a className="jp-aiinfra-link" href={actions.fileUrl(step, file)} download>
          {trans.__('Download')}
        </a>
      )}
    </span>
  );
}

/** What went into a step, and what came out. */
export function DataView({ record, step, actions, trans }: IProps): JSX.Element {
  const parameters = Object.entries(record.arguments).map(([name, value]) => [name, written(value)] as const);
  const metrics = Object.entries(step.metrics).map(([name, value]) => [name, metric(value)] as const);
  return (
    <div className="jp-aiinfra-scroll">
      <Section title={trans.__('Parameters')}>
        {parameters.length > 0 ? (
          <Pairs pairs={parameters} />
        ) : (
          <p className="jp-aiinfra-run-empty">{trans.__('None.')}</p>
        )}
      </Section>
      {record.inputs.length > 0 && (
        <Section title={trans.__('Inputs')}>
          <table className="jp-aiinfra-run-table">
            <thead>
              <tr>
                <th scope="col">{trans.__('Name')}</th>
                <th scope="col">{trans.__('Where from')}</th>
                <th scope="col">{trans.__('Version')}</th>
                <th scope="col">{trans.__('Size')}</th>
              </tr>
            </thead>
            <tbody>
              {record.inputs.map(input => (
                <tr key={input.name}>
                  <th scope="row">{input.name}</th>
                  <td>{input.source || input.path}</td>
                  <td title={input.md5}>
                    <code>{short(input.md5)}</code>
                    {input.rev !== null && <span>{trans.__(' of commit %1', short(input.rev))}</span>}
                  </td>
                  <td>{bytes(input.size)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      )}
      <Section title={trans.__('Outputs')}>
        {record.outputs.length > 0 ? (
          <table className="jp-aiinfra-run-table">
            <thead>
              <tr>
                <th scope="col">{trans.__('Name')}</th>
                <th scope="col">{trans.__('Kind')}</th>
                <th scope="col">{trans.__('Value or size')}</th>
                <th scope="col">{trans.__('Look at it')}</th>
              </tr>
            </thead>
            <tbody>
              {record.outputs.map(output => (
                <tr key={output.name}>
                  <th scope="row">{output.name}</th>
                  <td>{output.kind}</td>
                  <td title={output.hash ?? undefined}>
                    {output.file === null && output.size === null ? (
                      <code>{written(output.value).slice(0, 500)}</code>
                    ) : (
                      bytes(output.size ?? 0)
                    )}
                  </td>
                  <td>
                    <Open output={output} step={record.step} actions={actions} trans={trans} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <p className="jp-aiinfra-run-empty">{trans.__('None.')}</p>
        )}
      </Section>
      {metrics.length > 0 && (
        <Section title={trans.__('Metrics')}>
          <Pairs pairs={metrics} />
        </Section>
      )}
    </div>
  );
}

/** All that is known of how a step came about. */
export function RecordView({ record, actions, trans }: IProps): JSX.Element {
  return (
    <div className="jp-aiinfra-scroll">
      <Section title={trans.__('Files')}>
        <ul className="jp-aiinfra-files">
          {record.files.map(file => (
            <li key={file}>
              <a className="jp-aiinfra-link" href={actions.fileUrl(record.step, file)} download>
                {file}
              </a>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={trans.__('Manifest')}>
        <JsonTree value={record.manifest} trans={trans} />
      </Section>
    </div>
  );
}
