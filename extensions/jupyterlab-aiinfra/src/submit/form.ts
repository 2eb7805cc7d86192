import type { TranslationBundle } from '@jupyterlab/translation';

import type { IField } from './schema';
import { blank, draftOf, read, same, type Draft, type Errors } from './values';

/** The parameters as they stand in the form. What isn't in `drafts` is left to the notebook. */
export interface IForm {
  readonly fields: readonly IField[];
  readonly drafts: Readonly<Record<string, Draft>>;
}

export interface IFormReading {
  /** What differs from the defaults, by name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** By name, and then by place within the value. */
  readonly errors: Readonly<Record<string, Errors>>;
}

export const EMPTY_FORM: IForm = { fields: [], drafts: {} };

/** What the editor of a field shows. */
export function draftIn(form: IForm, field: IField): Draft {
  const own = form.drafts[field.name];
  if (own) {
    return own;
  }
  return field.preset === undefined ? blank(field.type) : draftOf(field.type, field.preset);
}

export const isOverridden = (form: IForm, field: IField): boolean => field.name in form.drafts;

export function setDraft(form: IForm, name: string, draft: Draft): IForm {
  return { ...form, drafts: { ...form.drafts, [name]: draft } };
}

/** Leave a field to the notebook again. */
export function reset(form: IForm, name: string): IForm {
  return {
    ...form,
    drafts: Object.fromEntries(Object.entries(form.drafts).filter(([other]) => other !== name))
  };
}

export const resetAll = (form: IForm): IForm => ({ ...form, drafts: {} });

/** Whether a field has another value than the notebook gives it. */
export function isChanged(form: IForm, field: IField, trans: TranslationBundle): boolean {
  const draft = form.drafts[field.name];
  if (!draft) {
    return false;
  }
  const reading = read(field.type, draft, trans);
  return (
    Object.keys(reading.errors).length > 0 || field.preset === undefined || !same(reading.value, field.preset)
  );
}

export function readForm(form: IForm, trans: TranslationBundle): IFormReading {
  const values: [string, unknown][] = [];
  const errors: [string, Errors][] = [];
  for (const field of form.fields) {
    const draft = form.drafts[field.name];
    if (!draft) {
      if (field.required) {
        errors.push([field.name, { '': trans.__('Needs a value') }]);
      }
      continue;
    }
    const reading = read(field.type, draft, trans);
    if (Object.keys(reading.errors).length) {
      errors.push([field.name, reading.errors]);
    } else if (isChanged(form, field, trans)) {
      values.push([field.name, reading.value]);
    }
  }
  return { values: Object.fromEntries(values), errors: Object.fromEntries(errors) };
}

/** The form with these values in it, and the names of those that it has no field for. */
export function fill(
  form: IForm,
  values: Readonly<Record<string, unknown>>
): { readonly form: IForm; readonly unknown: readonly string[] } {
  const names = new Map(form.fields.map(field => [field.name, field]));
  const known = Object.entries(values).flatMap(([name, value]) => {
    const field = names.get(name);
    return field && !same(value, field.preset) ? [[name, draftOf(field.type, value)] as const] : [];
  });
  return {
    form: { ...form, drafts: Object.fromEntries(known) },
    unknown: Object.keys(values).filter(name => !names.has(name))
  };
}

/** The same form for an interface that may have changed: what was entered stays where it still has a place. */
export function refit(form: IForm, fields: readonly IField[]): IForm {
  const before = new Map(form.fields.map(field => [field.name, field]));
  const kept = fields.flatMap(field => {
    const draft = form.drafts[field.name];
    return draft && same(before.get(field.name)?.type, field.type) ? [[field.name, draft] as const] : [];
  });
  return { fields, drafts: Object.fromEntries(kept) };
}
