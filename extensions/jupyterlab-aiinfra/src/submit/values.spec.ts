import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { fieldsOf, typeOf, type IType } from './schema';
import { blank, draftOf, read, same, type Draft } from './values';

const trans = nullTranslator.load('aiinfra');
const text = (written: string): Draft => ({ kind: 'text', text: written });
const value = (type: IType, draft: Draft): unknown => read(type, draft, trans).value;
const errors = (type: IType, draft: Draft): object => read(type, draft, trans).errors;

const int = typeOf({ type: 'integer' });
const float = typeOf({ type: 'number' });
const month = typeOf({ type: 'integer', minimum: 1, maximum: 12 });

describe('a number', () => {
  it.each([
    ['3', 3],
    [' 12 ', 12],
    ['-4', -4],
    ['1_000', 1000],
    ['0x1F', 31],
    ['-0b101', -5],
    ['1e3', 1000],
    ['2.0', 2],
    ['9007199254740991', Number.MAX_SAFE_INTEGER]
  ])('is the whole number that %s means', (written, meant) => {
    expect(read(int, text(written), trans)).toEqual({ value: meant, errors: {} });
  });

  it.each(['', '1.5', 'three', '1__0', '0x', 'nan', '١'])('is no whole number as %j', written => {
    expect(errors(int, text(written))).toHaveProperty('');
  });

  it.each([
    ['1e-3', 0.001],
    ['.5', 0.5],
    ['7', 7],
    ['nan', 'NaN'],
    ['-inf', '-Infinity'],
    ['+Infinity', 'Infinity']
  ])('is what %s means where fractions may be', (written, meant) => {
    expect(read(float, text(written), trans)).toEqual({ value: meant, errors: {} });
  });

  it.each(['', '1,5', '0x10', '1e', '1e999'])('is none as %j where fractions may be', written => {
    expect(errors(float, text(written))).toHaveProperty('');
  });

  it('keeps to its range, whose ends belong to it', () => {
    expect(value(month, text('12'))).toBe(12);
    expect(errors(month, text('13'))).toEqual({ '': 'Must be from 1 to 12' });
    expect(errors(typeOf({ type: 'number', minimum: 0 }), text('-inf'))).toEqual({
      '': 'Must be at least 0'
    });
    expect(errors(typeOf({ type: 'number', minimum: 0, maximum: 1 }), text('nan'))).toHaveProperty('');
  });

  it('is refused, not rounded, when it is larger than JavaScript can count', () => {
    expect(errors(int, text('9007199254740993'))).toHaveProperty('');
    expect(errors(typeOf({}), text('[9007199254740993]'))).toHaveProperty('');
  });
});

describe('other values', () => {
  it('text stays as it is, with its blanks and lines', () => {
    const str = typeOf({ type: 'string' });
    for (const written of ['', ' a ', '"quoted"', 'two\nlines', 'None']) {
      expect(value(str, draftOf(str, written))).toBe(written);
    }
  });

  it('None is possible where the type says so, and only there', () => {
    const maybe = typeOf({ type: ['string', 'null'] });
    expect(value(maybe, draftOf(maybe, null))).toBeNull();
    expect(errors(int, { kind: 'none' })).toEqual({ '': 'Needs a value' });
  });

  it('a choice keeps the type of its value, and may be None', () => {
    const choice = typeOf({ enum: [1, '1', true, null] });
    for (const chosen of [1, '1', true, null]) {
      expect(value(choice, draftOf(choice, chosen))).toBe(chosen);
    }
    expect(errors(choice, draftOf(choice, 'old'))).toEqual({ '': '"old" isn’t one of 1, "1", true' });
  });

  it('a list tells which of its items is wrong', () => {
    const list = typeOf({ type: 'array', items: { type: 'integer', minimum: 1, maximum: 100 } });
    expect(value(list, draftOf(list, [64, 64]))).toEqual([64, 64]);
    const draft: Draft = { kind: 'list', items: [text('1'), text('x'), text('200')] };
    expect(Object.keys(errors(list, draft))).toEqual(['1', '2']);
  });

  it('a list of dicts tells the place within', () => {
    const nested = typeOf({
      type: 'array',
      items: { type: 'object', additionalProperties: { type: 'number' } }
    });
    expect(value(nested, draftOf(nested, [{ a: 1 }, {}]))).toEqual([{ a: 1 }, {}]);
    const draft: Draft = { kind: 'list', items: [{ kind: 'dict', pairs: [{ key: 'a', value: text('') }] }] };
    expect(errors(nested, draft)).toEqual({ '0/0': 'Needs a value' });
  });

  it('a dict keeps its order, and refuses a key that is there twice', () => {
    const dict = typeOf({ type: 'object' });
    const keys = Object.keys(value(dict, draftOf(dict, { b: 1, a: [2] })) as object);
    expect(keys).toEqual(['b', 'a']);
    const twice: Draft = {
      kind: 'dict',
      pairs: [
        { key: 'a', value: text('1') },
        { key: 'a', value: text('2') }
      ]
    };
    expect(Object.keys(errors(dict, twice))).toEqual(['1']);
  });

  it('where anything may be, JSON is JSON and other text is text', () => {
    const any = typeOf({});
    expect(value(any, text('{"a": [1, null]}'))).toEqual({ a: [1, null] });
    expect(value(any, text('adam'))).toBe('adam');
    expect(value(any, text('"3"'))).toBe('3');
    expect(errors(any, text('[1, 2'))).toHaveProperty('');
    for (const given of ['3', 'null', '"', '[1', 'adam', '', 3, null, true, [1, { a: '2' }]]) {
      expect(value(any, draftOf(any, given))).toEqual(given);
    }
  });

  it('a value that does not fit its type is shown as it is, and told', () => {
    expect(draftOf(int, 'many')).toEqual(text('many'));
    expect(errors(typeOf({ type: 'array' }), draftOf(typeOf({ type: 'array' }), 3))).toHaveProperty('');
    expect(errors(typeOf({ type: 'boolean' }), draftOf(typeOf({ type: 'boolean' }), 1))).toHaveProperty('');
  });

  it('a new item begins with something that fits', () => {
    expect(value(typeOf({ type: 'boolean' }), blank(typeOf({ type: 'boolean' })))).toBe(false);
    expect(value(typeOf({ enum: ['adam', 'sgd'] }), blank(typeOf({ enum: ['adam', 'sgd'] })))).toBe('adam');
    expect(value(typeOf({ type: 'array' }), blank(typeOf({ type: 'array' })))).toEqual([]);
  });

  it('are the same when their content is, whatever the order of keys', () => {
    expect(same({ a: [1], b: 2 }, { b: 2, a: [1] })).toBe(true);
    expect(same([1, 2], [2, 1])).toBe(false);
    expect(same({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(same('1', 1)).toBe(false);
  });
});

describe('the fields of an interface', () => {
  const schema = {
    properties: {
      flights: { type: 'string', 'x-artifact': 'Dataset', default: 'data.csv' },
      month: { type: 'integer', minimum: 1, maximum: 12, default: 3, description: 'Month' },
      when: { type: 'integer', 'x-expression': 'today()' },
      seed: JSON.parse('{"type": "integer", "default": 9007199254740993}') as unknown,
      name: { type: 'string' }
    },
    required: ['name']
  };
  const fields = Object.fromEntries(fieldsOf(schema).map(field => [field.name, field]));

  it('are its parameters, in their order, without the inputs', () => {
    expect(Object.keys(fields)).toEqual(['month', 'when', 'seed', 'name']);
    expect(fields.month).toMatchObject({
      preset: 3,
      description: 'Month',
      required: false,
      expression: null
    });
    expect(fields.name).toMatchObject({ required: true, preset: undefined });
  });

  it('leave to the notebook what only it knows: expressions, and numbers that JSON has rounded here', () => {
    expect(fields.when).toMatchObject({ expression: 'today()', preset: undefined });
    expect(fields.seed?.preset).toBeUndefined();
    expect(fields.seed?.expression).toMatch(/^≈ 9007199254740992$/);
  });
});
