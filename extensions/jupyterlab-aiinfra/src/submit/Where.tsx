import { useId, useState, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ResourceField, Target } from '../api/schema';
import type { ISectionProps } from './Parameters';
import { amountOf, typedOf } from './resources';
import { problemsOf, targetOf } from './state';

const HEALTH_SHAPES: Readonly<Record<Target['health'], string>> = {
  healthy: '●',
  unreachable: '✗',
  unknown: '○'
};

function healthWord(health: Target['health'], trans: TranslationBundle): string {
  const words: Record<Target['health'], string> = {
    healthy: trans.__('healthy'),
    unreachable: trans.__('unreachable'),
    unknown: trans.__('health unknown')
  };
  return words[health];
}

/** Where it runs, and what it gets there: as the target announces. */
export function Where(props: ISectionProps): JSX.Element {
  const { model, state, trans } = props;
  const id = useId();
  const target = targetOf(state);
  const problems = problemsOf(state, 'target');
  // How many there is to say only of something.
  const isAsked = ({ name }: ResourceField): boolean =>
    name !== 'accelerator_count' || state.resources.accelerator !== null;
  return (
    <fieldset className="jp-aiinfra-section" data-section="where">
      <legend>{trans.__('Where')}</legend>
      <div className="jp-aiinfra-field" data-name="target">
        <div className="jp-aiinfra-field-head">
          <label htmlFor={`${id}-target`}>{trans.__('Target')}</label>
          {target && (
            <span className="jp-aiinfra-health" data-health={target.health}>
              <span aria-hidden="true">{HEALTH_SHAPES[target.health]}</span>{' '}
              {healthWord(target.health, trans)}
            </span>
          )}
        </div>
        <select
          id={`${id}-target`}
          className="jp-mod-styled"
          aria-describedby={target?.detail ? `${id}-detail` : undefined}
          value={state.target}
          onChange={event => {
            model.setTarget(event.target.value);
          }}
        >
          {state.targets.map(({ name, health }) => (
            <option key={name} value={name}>
              {health === 'healthy' ? name : trans.__('%1 (%2)', name, healthWord(health, trans))}
            </option>
          ))}
        </select>
        {target?.detail && (
          <p className="jp-aiinfra-hint" id={`${id}-detail`}>
            {target.detail}
          </p>
        )}
        {problems.map(problem => (
          <p className="jp-aiinfra-error" key={problem.message}>
            {problem.message}
          </p>
        ))}
      </div>
      {state.source?.kind === 'pipeline' ? (
        <p className="jp-aiinfra-hint">
          {trans.__('What each step gets is said in the code of the pipeline.')}
        </p>
      ) : (
        <div className="jp-aiinfra-resources">
          {target?.resources.filter(isAsked).map(field => (
            <Resource key={field.name} {...props} field={field} target={target} />
          ))}
        </div>
      )}
    </fieldset>
  );
}

interface IResourceProps extends ISectionProps {
  readonly field: ResourceField;
  readonly target: Target;
}

function Resource(props: IResourceProps): JSX.Element {
  const { field, state, trans } = props;
  const id = useId();
  const labels: Record<ResourceField['name'], string> = {
    cpu: trans.__('CPU'),
    memory: trans.__('Memory'),
    accelerator: trans.__('Accelerator'),
    accelerator_count: trans.__('Accelerators')
  };
  const server = problemsOf(state, `resources.${field.name}`).map(problem => problem.message);
  const about = [field.enabled ? limit(props) : '', field.reason ?? ''].filter(Boolean).join(' · ');
  const shared = { ...props, id, about, server: server.join('; ') };
  return (
    <div className="jp-aiinfra-field" data-name={field.name}>
      <label htmlFor={id}>{labels[field.name]}</label>
      {field.name === 'accelerator' ? (
        <Accelerator {...shared} />
      ) : field.name === 'accelerator_count' ? (
        <Count {...shared} />
      ) : (
        <Amount {...shared} name={field.name} />
      )}
      {about && (
        <p className="jp-aiinfra-hint" id={`${id}-about`}>
          {about}
        </p>
      )}
    </div>
  );
}

function limit({ field, trans }: IResourceProps): string {
  return field.maximum === null ? '' : trans.__('At most %1 %2', field.maximum, field.unit).trim();
}

interface IControlProps extends IResourceProps {
  readonly id: string;
  readonly about: string;
  /** What the server says is wrong. */
  readonly server: string;
}

function describedBy({ id, about }: IControlProps, wrong: string): string | undefined {
  return [about ? `${id}-about` : '', wrong ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;
}

function ErrorText({ id, text }: { readonly id: string; readonly text: string }): JSX.Element | null {
  return text ? (
    <p className="jp-aiinfra-error" id={`${id}-error`}>
      <span aria-hidden="true">✗</span> {text}
    </p>
  ) : null;
}

/** CPU or memory: empty leaves it to the target. What is no amount isn't sent, and said beside it. */
function Amount(props: IControlProps & { readonly name: 'cpu' | 'memory' }): JSX.Element {
  const { id, name, field, model, state, server, trans } = props;
  const sent = state.resources[name];
  const [typed, type] = useState<string | null>(null);
  const text = typed !== null && amountOf(name, typed) !== sent ? typed : (typed ?? typedOf(name, sent));
  const unit = name === 'memory' ? 'GiB' : field.unit;
  const wrong =
    amountOf(name, text) === undefined
      ? name === 'cpu'
        ? trans.__('Write a number of CPUs, like 2 or 500m')
        : trans.__('Write a number of GiB, or an amount like 512Mi')
      : server;
  return (
    <>
      <span className="jp-aiinfra-amount">
        <input
          id={id}
          type="text"
          inputMode="decimal"
          className="jp-mod-styled"
          disabled={!field.enabled}
          aria-invalid={wrong !== ''}
          aria-describedby={describedBy(props, wrong)}
          placeholder={trans.__('no limit')}
          value={text}
          onChange={({ target }) => {
            type(target.value);
            const asked = amountOf(name, target.value);
            model.setResources({ [name]: asked === undefined ? target.value : asked });
          }}
        />
        {unit && <span className="jp-aiinfra-quiet">{unit}</span>}
      </span>
      <ErrorText id={id} text={wrong} />
    </>
  );
}

function Accelerator(props: IControlProps): JSX.Element {
  const { id, field, target, model, state, server, trans } = props;
  const { accelerator } = state.resources;
  const known = accelerator === null || target.gpus.some(gpu => gpu.name === accelerator);
  return (
    <>
      <select
        id={id}
        className="jp-mod-styled"
        disabled={!field.enabled}
        aria-invalid={server !== ''}
        aria-describedby={describedBy(props, server)}
        value={accelerator ?? ''}
        onChange={event => {
          const name = event.target.value || null;
          model.setResources({ accelerator: name, accelerator_count: name === null ? null : 1 });
        }}
      >
        <option value="">{trans.__('none')}</option>
        {!known && <option value={accelerator}>{accelerator}</option>}
        {target.gpus.map(gpu => (
          <option key={gpu.name} value={gpu.name}>
            {trans.__('%1 (%2 there)', gpu.name, gpu.count)}
          </option>
        ))}
      </select>
      <ErrorText id={id} text={server} />
    </>
  );
}

function Count(props: IControlProps): JSX.Element {
  const { id, field, model, state, server } = props;
  const { accelerator_count: count } = state.resources;
  return (
    <>
      <input
        id={id}
        type="number"
        min={0}
        max={field.maximum ?? undefined}
        className="jp-mod-styled"
        disabled={!field.enabled}
        aria-invalid={server !== ''}
        aria-describedby={describedBy(props, server)}
        value={count ?? ''}
        onChange={event => {
          const asked = event.target.valueAsNumber;
          model.setResources({ accelerator_count: Number.isInteger(asked) ? asked : null });
        }}
      />
      <ErrorText id={id} text={server} />
    </>
  );
}
