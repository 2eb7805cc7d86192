import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { fill, isChanged, readForm, refit, reset, resetAll, setDraft, type IForm } from './form';
import { fieldsOf } from './schema';

const trans = nullTranslator.load('aiinfra');
const fields = fieldsOf({
  properties: {
    month: { type: 'integer', minimum: 1, maximum: 12, default: 3 },
    hidden: { type: 'array', items: { type: 'integer' }, default: [64, 64] },
    when: { type: 'string', 'x-expression': 'today()' },
    name: { type: 'string' }
  },
  required: ['name']
});
const form: IForm = { fields, drafts: {} };
const write = (to: IForm, name: string, text: string): IForm => setDraft(to, name, { kind: 'text', text });
const changed = (of: IForm): string[] =>
  of.fields.filter(field => isChanged(of, field, trans)).map(({ name }) => name);

describe('the form', () => {
  it('sends only what differs from the notebook', () => {
    const filled = write(write(write(form, 'month', '4'), 'name', 'ada'), 'when', '');
    expect(readForm(filled, trans)).toEqual({ values: { month: 4, name: 'ada', when: '' }, errors: {} });
    expect(readForm(write(filled, 'month', '3'), trans).values).toEqual({ name: 'ada', when: '' });
  });

  it('marks what was changed, until it is reset or as before', () => {
    const edited = write(write(form, 'month', '13'), 'name', 'ada');
    expect(changed(edited)).toEqual(['month', 'name']);
    expect(changed(write(edited, 'month', '3'))).toEqual(['name']);
    expect(changed(reset(edited, 'month'))).toEqual(['name']);
    expect(changed(resetAll(edited))).toEqual([]);
  });

  it('wants a value where the notebook has none', () => {
    expect(readForm(form, trans).errors).toEqual({ name: { '': 'Needs a value' } });
    expect(readForm(write(form, 'name', ''), trans)).toEqual({ values: { name: '' }, errors: {} });
  });

  it('tells every error by its field', () => {
    const wrong = write(write(form, 'month', '13'), 'name', 'ada');
    expect(readForm(wrong, trans)).toEqual({
      values: { name: 'ada' },
      errors: { month: { '': 'Must be from 1 to 12' } }
    });
  });

  it('takes the choices of last time, and names those that have no place any more', () => {
    const { form: filled, unknown } = fill(form, { month: 7, hidden: [64, 64], gone: 1 });
    expect(changed(filled)).toEqual(['month']);
    expect(unknown).toEqual(['gone']);
    expect(readForm(write(filled, 'name', 'x'), trans).values).toEqual({ month: 7, name: 'x' });
  });

  it('keeps what was entered when the notebook changes, as far as it fits', () => {
    const entered = write(write(form, 'month', '4'), 'name', 'ada');
    const after = refit(
      entered,
      fieldsOf({ properties: { month: { type: 'string', default: 'May' }, name: { type: 'string' } } })
    );
    expect(readForm(after, trans)).toEqual({ values: { name: 'ada' }, errors: {} });
  });
});
