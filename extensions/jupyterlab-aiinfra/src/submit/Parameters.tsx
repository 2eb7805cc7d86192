import { useId, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import { DraftEditor } from './DraftEditor';
import { draftIn, isChanged, isOverridden, readForm } from './form';
import type { SubmitModel } from './model';
import type { IField } from './schema';
import { problemsOf, type ISubmitState } from './state';
import { blank, type Errors } from './values';

export interface ISectionProps {
  readonly model: SubmitModel;
  readonly state: ISubmitState;
  readonly trans: TranslationBundle;
}

/** The form of the parameters. */
export function Parameters({ model, state, trans }: ISectionProps): JSX.Element {
  const { form, forgotten } = state;
  const { errors } = readForm(form, trans);
  const changed = form.fields.filter(field => isChanged(form, field, trans));
  return (
    <fieldset className="jp-aiinfra-section" data-section="parameters">
      <legend>{trans.__('Parameters')}</legend>
      {changed.length > 0 && (
        <button
          type="button"
          className="jp-aiinfra-link jp-aiinfra-reset-all"
          onClick={() => {
            model.resetAll();
          }}
        >
          {trans.__('Reset all')}
        </button>
      )}
      {form.fields.length === 0 && <p className="jp-aiinfra-quiet">{trans.__('It takes no parameters.')}</p>}
      {form.fields.map(field => (
        <Field
          key={field.name}
          model={model}
          state={state}
          trans={trans}
          field={field}
          errors={errors[field.name] ?? {}}
        />
      ))}
      {forgotten.length > 0 && (
        <p className="jp-aiinfra-quiet" role="status">
          {trans.__('Chosen before, and no part of it any more: %1', forgotten.join(', '))}
        </p>
      )}
    </fieldset>
  );
}

function Field(props: ISectionProps & { readonly field: IField; readonly errors: Errors }): JSX.Element {
  const { model, state, trans, field, errors } = props;
  const id = useId();
  const { name } = field;
  const changed = isChanged(state.form, field, trans);
  const server = problemsOf(state, name).map(problem => problem.message);
  const shown: Errors = server.length && !('' in errors) ? { ...errors, '': server.join('; ') } : errors;
  const hint = hintOf(field, trans);
  return (
    <div className="jp-aiinfra-field" data-name={name} data-changed={changed}>
      <div className="jp-aiinfra-field-head">
        <label htmlFor={`${id}-value`}>{name}</label>
        {changed && (
          <>
            <span className="jp-aiinfra-changed">
              <span aria-hidden="true">●</span> {trans.__('changed')}
            </span>
            <button
              type="button"
              className="jp-aiinfra-link"
              aria-label={trans.__('Reset %1', name)}
              onClick={() => {
                model.reset(name);
              }}
            >
              {trans.__('Reset')}
            </button>
          </>
        )}
      </div>
      {field.expression !== null && !isOverridden(state.form, field) ? (
        <span className="jp-aiinfra-expression">
          <code>{field.expression}</code>
          <button
            type="button"
            id={`${id}-value`}
            className="jp-aiinfra-link"
            aria-label={trans.__('Set a value for %1', name)}
            onClick={() => {
              model.setDraft(name, blank(field.type));
            }}
          >
            {trans.__('Set a value')}
          </button>
        </span>
      ) : (
        <DraftEditor
          id={`${id}-value`}
          label={name}
          type={field.type}
          draft={draftIn(state.form, field)}
          errors={shown}
          describedBy={hint ? `${id}-hint` : undefined}
          onChange={draft => {
            model.setDraft(name, draft);
          }}
          trans={trans}
        />
      )}
      {hint && (
        <p className="jp-aiinfra-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** The description, and the range unless it says that itself. */
function hintOf({ type, description }: IField, trans: TranslationBundle): string {
  const { minimum, maximum } = type.kind === 'list' && type.item ? type.item : type;
  if (minimum === null || maximum === null || description.includes('..')) {
    return description;
  }
  return description
    ? trans.__('%1 (%2 to %3)', description, minimum, maximum)
    : trans.__('%1 to %2', minimum, maximum);
}
