import { useId, type JSX } from 'react';

import type { DataVersion, InputInfo } from '../api/schema';
import { absolute, ago, bytes } from '../core/format';
import { GoTo } from './ProblemNote';
import type { ISectionProps } from './Parameters';
import { NO_INPUT, problemsOf, type IInputState } from './state';

interface IDataProps extends ISectionProps {
  readonly language: string;
}

/** The inputs: what each will read, and its versions. */
export function Data(props: IDataProps): JSX.Element | null {
  const inputs = props.state.source?.inputs ?? [];
  return inputs.length === 0 ? null : (
    <fieldset className="jp-aiinfra-section" data-section="data">
      <legend>{props.trans.__('Data')}</legend>
      {inputs.map(input => (
        <Input key={input.name} {...props} input={input} own={props.state.inputs[input.name] ?? NO_INPUT} />
      ))}
    </fieldset>
  );
}

interface IInputProps extends IDataProps {
  readonly input: InputInfo;
  readonly own: IInputState;
}

function Input(props: IInputProps): JSX.Element {
  const { input, own, model, trans } = props;
  const id = useId();
  return (
    <div className="jp-aiinfra-field" data-name={input.name} aria-busy={own.busy}>
      <div className="jp-aiinfra-field-head">
        <span className="jp-aiinfra-field-name" id={`${id}-name`}>
          {input.name}
        </span>
        <span className="jp-aiinfra-quiet">{input.artifact}</span>
      </div>
      <PathBox {...props} id={id} />
      <VersionMenu {...props} id={id} />
      {input.description && <p className="jp-aiinfra-hint">{input.description}</p>}
      <DataState {...props} />
      {own.data &&
        ['modified', 'untracked'].includes(own.data.state) &&
        own.version === null &&
        own.path === null && (
          <button
            type="button"
            className="jp-mod-styled"
            disabled={own.busy}
            aria-label={trans.__('Add a version of %1', input.name)}
            onClick={() => void model.addVersion(input.name)}
          >
            {trans.__('Add a version')}
          </button>
        )}
    </div>
  );
}

function PathBox({ id, input, own, model, trans }: IInputProps & { readonly id: string }): JSX.Element {
  return (
    <input
      // What is typed counts when it is finished: each path is looked up.
      key={own.path ?? ''}
      type="text"
      className="jp-mod-styled"
      aria-label={trans.__('File of %1', input.name)}
      spellCheck={false}
      defaultValue={own.path ?? input.path ?? ''}
      placeholder={trans.__('Path of a file')}
      id={`${id}-path`}
      onKeyDown={event => {
        if (event.key === 'Enter') {
          event.currentTarget.blur();
        }
      }}
      onBlur={({ target }) => {
        const written = target.value.trim();
        const path = written === '' || written === input.path ? null : written;
        if (path !== own.path) {
          void model.setPath(input.name, path);
        }
      }}
    />
  );
}

/** A version in one line: `1f3a9c2 · 2 days ago · 27,004 rows · 1.3 MiB`. */
function describe(version: DataVersion, props: IDataProps): string {
  const { trans, language } = props;
  const now = Date.now() / 1000;
  const parts = [
    (version.rev ?? version.md5).slice(0, 7),
    ago(Date.parse(version.date) / 1000, now, language),
    version.rows === null
      ? ''
      : trans._n('%2 row', '%2 rows', version.rows, version.rows.toLocaleString(language)),
    version.size === null ? '' : bytes(version.size)
  ];
  return parts.filter(Boolean).join(' · ');
}

function VersionMenu(props: IInputProps & { readonly id: string }): JSX.Element | null {
  const { input, own, model, trans, language, id } = props;
  const versions = own.data?.versions ?? [];
  if (versions.length === 0 && own.version === null) {
    return null;
  }
  const current = versions.find(version => version.md5 === own.data?.md5);
  const chosen = own.version === null ? current : versions.find(version => version.md5 === own.version);
  return (
    <>
      <select
        id={`${id}-version`}
        className="jp-mod-styled"
        aria-label={trans.__('Version of %1', input.name)}
        value={own.version ?? ''}
        onChange={({ target }) => {
          model.setVersion(input.name, target.value || null);
        }}
      >
        <option value="">{trans.__('As it is now')}</option>
        {own.version !== null && !chosen && <option value={own.version}>{own.version.slice(0, 7)}</option>}
        {versions.map(version => (
          <option key={version.md5} value={version.md5}>
            {describe(version, props)}
          </option>
        ))}
      </select>
      {chosen && (own.version !== null || own.data?.state === 'clean') && (
        <p className="jp-aiinfra-quiet" title={absolute(Date.parse(chosen.date) / 1000, language)}>
          {describe(chosen, props)}
          <br />
          {chosen.author ? trans.__('%1, by %2', chosen.subject ?? '', chosen.author) : chosen.subject}
        </p>
      )}
    </>
  );
}

/** What is the matter with the data, if anything is. */
function DataState(props: IInputProps): JSX.Element {
  const { input, own, state, model, trans } = props;
  const { data } = own;
  const found = [own.problem, data?.problem, ...problemsOf(state, input.name)].flatMap(
    problem => problem ?? []
  );
  const problems = found.filter((one, at) => found.findIndex(other => other.message === one.message) === at);
  const last = data?.versions[0];
  const warn = own.version === null && problems.length === 0;
  return (
    <>
      {problems.map(problem => (
        <div className="jp-aiinfra-error" key={problem.message} role="alert">
          <p>
            <span aria-hidden="true">✗</span> <span className="jp-aiinfra-hidden">{trans.__('Error:')}</span>{' '}
            {problem.message}
          </p>
          {problem.remedy && <p className="jp-aiinfra-problem-remedy">{problem.remedy}</p>}
          <GoTo
            place={problem.where}
            path={state.path}
            goTo={place => void model.document.goTo(place)}
            trans={trans}
          />
        </div>
      ))}
      {warn && data?.state === 'modified' && (
        <p className="jp-aiinfra-warning">
          <span aria-hidden="true">⚠</span>{' '}
          {last
            ? trans.__('Changed since %1', (last.rev ?? last.md5).slice(0, 7))
            : trans.__('Changed since its last version')}
        </p>
      )}
      {warn && data?.state === 'untracked' && (
        <p className="jp-aiinfra-warning">
          <span aria-hidden="true">⚠</span>{' '}
          {trans.__('Without versions: nobody can say later what a run has read')}
        </p>
      )}
    </>
  );
}
