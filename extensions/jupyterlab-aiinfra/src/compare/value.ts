import { bytes, metric } from '../core/format';

/** A value as it is read: `title` is all of it, where `text` is short for it. */
export interface IShown {
  readonly text: string;
  readonly title?: string;
}

/** Digests of MD5 and SHA-256. */
const DIGEST = /^(?:sha256:)?(?:[0-9a-f]{32}|[0-9a-f]{64})$/;
const LONG = 120;

const UNIT = ' bytes';

/** The name of a row: its unit is at the value. */
export const nameOf = (name: string): string => (name.endsWith(UNIT) ? name.slice(0, -UNIT.length) : name);

/** What is there, as it is read; null for what isn't. */
export function shown(name: string, value: unknown): IShown | null {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value === 'number') {
    const text = name.endsWith(UNIT) ? bytes(value) : metric(value);
    return text === String(value) ? { text } : { text, title: String(value) };
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (DIGEST.test(text)) {
    return { text: text.replace('sha256:', '').slice(0, 8), title: text };
  }
  return text.length > LONG ? { text: `${text.slice(0, LONG)}…`, title: text } : { text };
}
