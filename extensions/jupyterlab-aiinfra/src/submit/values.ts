import type { TranslationBundle } from '@jupyterlab/translation';

import { ANY, isInexact, isObject, type IType } from './schema';

/** A value as it stands in the form, finished or not: text stays as it was typed. */
export type Draft =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'flag'; readonly on: boolean }
  | { readonly kind: 'choice'; readonly index: number }
  | { readonly kind: 'list'; readonly items: readonly Draft[] }
  | { readonly kind: 'dict'; readonly pairs: readonly IPair[] };

export interface IPair {
  readonly key: string;
  readonly value: Draft;
}

/** What is wrong, by place: '' is the value itself, '2' its third item, '2/0' what is in that. */
export type Errors = Readonly<Record<string, string>>;

export interface IReading {
  /** Of no use as long as there are errors. */
  readonly value: unknown;
  readonly errors: Errors;
}

const NONE: Draft = { kind: 'none' };
const text = (written: string): Draft => ({ kind: 'text', text: written });

/** What a new item, or a value that had been left to the notebook, begins with. */
export function blank(type: IType): Draft {
  if (type.choices) {
    return { kind: 'choice', index: 0 };
  }
  switch (type.kind) {
    case 'bool':
      return { kind: 'flag', on: false };
    case 'list':
      return { kind: 'list', items: [] };
    case 'dict':
      return { kind: 'dict', pairs: [] };
    case 'any':
    case 'int':
    case 'float':
    case 'str':
      return text('');
  }
}

/** Whether two plain values are the same; the order of a dict's keys doesn't matter. */
export function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every(key => key in b && same(a[key], b[key]));
  }
  return a === b;
}

/** A value that fits its type, as the form shows it; one that doesn't is shown as text, and told as an error. */
export function draftOf(type: IType, value: unknown): Draft {
  if (value === null && type.optional) {
    return NONE;
  }
  if (type.choices) {
    const index = type.choices.findIndex(choice => same(choice, value));
    return index < 0 ? text(shown(value)) : { kind: 'choice', index };
  }
  if (type.kind === 'bool' && typeof value === 'boolean') {
    return { kind: 'flag', on: value };
  }
  if (type.kind === 'list' && Array.isArray(value)) {
    return { kind: 'list', items: value.map(item => draftOf(type.item ?? ANY, item)) };
  }
  if (type.kind === 'dict' && isObject(value)) {
    const pairs = Object.entries(value).map(([key, item]) => ({
      key,
      value: draftOf(type.item ?? ANY, item)
    }));
    return { kind: 'dict', pairs };
  }
  if (type.kind === 'any') {
    return text(typeof value === 'string' && isPlain(value) ? value : shown(value));
  }
  return text(typeof value === 'string' ? value : shown(value));
}

const shown = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

/** Whether a text means itself where anything may be written. */
function isPlain(value: string): boolean {
  try {
    JSON.parse(value);
    return false;
  } catch {
    return !/^\s*[[{"]/.test(value);
  }
}

const fine = (value: unknown): IReading => ({ value, errors: {} });
const wrong = (message: string): IReading => ({ value: null, errors: { '': message } });

/** The value that a draft means, or what is wrong with it. */
export function read(type: IType, draft: Draft, trans: TranslationBundle): IReading {
  switch (draft.kind) {
    case 'none':
      return type.optional ? fine(null) : wrong(trans.__('Needs a value'));
    case 'flag':
      return fine(draft.on);
    case 'choice':
      return fine(type.choices?.[draft.index]);
    case 'list':
      return gather(
        draft.items.map((item, index) => [String(index), read(type.item ?? ANY, item, trans)] as const),
        readings => readings
      );
    case 'dict':
      return readDict(type, draft.pairs, trans);
    case 'text':
      return readText(type, draft.text, trans);
  }
}

function gather(
  parts: readonly (readonly [string, IReading])[],
  make: (values: unknown[]) => unknown
): IReading {
  const errors = parts.flatMap(([place, part]) =>
    Object.entries(part.errors).map(([inner, message]) => [inner ? `${place}/${inner}` : place, message])
  );
  return {
    value: make(parts.map(([, part]) => part.value)),
    errors: Object.fromEntries(errors) as Errors
  };
}

function readDict(type: IType, pairs: readonly IPair[], trans: TranslationBundle): IReading {
  const keys = pairs.map(pair => pair.key);
  const parts = pairs.map((pair, index) => {
    const twice = keys.indexOf(pair.key) !== index;
    const reading = twice
      ? wrong(trans.__('The key “%1” is there twice', pair.key))
      : read(type.item ?? ANY, pair.value, trans);
    return [String(index), reading] as const;
  });
  // A key `__proto__` is a key like any other.
  return gather(parts, values => Object.fromEntries(keys.map((key, index) => [key, values[index]])));
}

function readText(type: IType, written: string, trans: TranslationBundle): IReading {
  if (type.choices) {
    const options = type.choices.map(shown).join(', ');
    return wrong(trans.__('%1 isn’t one of %2', written, options));
  }
  switch (type.kind) {
    case 'str':
      return fine(written);
    case 'int':
      return readInt(type, written.trim(), trans);
    case 'float':
      return readFloat(type, written.trim(), trans);
    case 'any':
      return readAny(written, trans);
    case 'bool':
      return wrong(trans.__('%1 isn’t true or false', written));
    case 'list':
      return wrong(trans.__('%1 isn’t a list', written));
    case 'dict':
      return wrong(trans.__('%1 isn’t a dict', written));
  }
}

const GROUPED = /^[+-]?\d+(_\d+)*$/;
const BASED = /^[+-]?0(x[\da-f]+|o[0-7]+|b[01]+)$/i;
const DECIMAL = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+)?$/i;
const NOT_FINITE: Readonly<Record<string, string>> = {
  nan: 'NaN',
  inf: 'Infinity',
  infinity: 'Infinity',
  '-inf': '-Infinity',
  '-infinity': '-Infinity'
};

function based(written: string): number {
  const negative = written.startsWith('-');
  const value = Number(written.replace(/^[+-]/, ''));
  return negative ? -value : value;
}

function readInt(type: IType, written: string, trans: TranslationBundle): IReading {
  if (!written) {
    return wrong(trans.__('Needs a value'));
  }
  let value = Number.NaN;
  if (GROUPED.test(written) || DECIMAL.test(written)) {
    value = Number(written.replaceAll('_', ''));
  } else if (BASED.test(written)) {
    value = based(written);
  }
  if (!Number.isInteger(value)) {
    return wrong(trans.__('Must be a whole number'));
  }
  if (!Number.isSafeInteger(value)) {
    return wrong(
      trans.__('Too large to be sent exactly from a browser: set it in the notebook, or with `aiinfra run`')
    );
  }
  return inRange(type, value, trans);
}

function readFloat(type: IType, written: string, trans: TranslationBundle): IReading {
  if (!written) {
    return wrong(trans.__('Needs a value'));
  }
  const special = NOT_FINITE[written.toLowerCase().replace(/^\+/, '')];
  if (special !== undefined) {
    const reading = inRange(type, Number(special), trans);
    return Object.keys(reading.errors).length ? reading : fine(special);
  }
  if (!DECIMAL.test(written)) {
    return wrong(trans.__('Must be a number'));
  }
  const value = Number(written.replaceAll('_', ''));
  if (!Number.isFinite(value)) {
    return wrong(trans.__('Too large for a number: write inf for infinity'));
  }
  return inRange(type, value, trans);
}

function inRange(type: IType, value: number, trans: TranslationBundle): IReading {
  const { minimum, maximum } = type;
  const inside = (minimum === null || value >= minimum) && (maximum === null || value <= maximum);
  if (inside) {
    return fine(value);
  }
  if (minimum !== null && maximum !== null) {
    return wrong(trans.__('Must be from %1 to %2', minimum, maximum));
  }
  return wrong(
    minimum !== null ? trans.__('Must be at least %1', minimum) : trans.__('Must be at most %1', maximum ?? 0)
  );
}

/** JSON, or else the text itself. */
function readAny(written: string, trans: TranslationBundle): IReading {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    return isPlain(written)
      ? fine(written)
      : wrong(trans.__('Not valid JSON: a text that begins so goes in double quotes'));
  }
  if (isInexact(value) && /\d{16}/.test(written)) {
    return wrong(
      trans.__('Too large to be sent exactly from a browser: set it in the notebook, or with `aiinfra run`')
    );
  }
  return fine(value);
}
