import type { TranslationBundle } from '@jupyterlab/translation';

import type { RunRow } from '../api/schema';

export type StateName = RunRow['state'];

const ENDED: readonly StateName[] = ['SUCCEEDED', 'SKIPPED', 'FAILED', 'CANCELED'];

export const hasEnded = (state: StateName): boolean => ENDED.includes(state);

/** The word for a state. */
export function stateLabel(state: StateName, trans: TranslationBundle): string {
  const words: Record<StateName, string> = {
    PENDING: trans.__('Waiting'),
    RUNNING: trans.__('Running'),
    SUCCEEDED: trans.__('Succeeded'),
    SKIPPED: trans.__('Skipped'),
    FAILED: trans.__('Failed'),
    CANCELING: trans.__('Cancelling'),
    CANCELED: trans.__('Cancelled'),
    PAUSED: trans.__('Paused')
  };
  return words[state];
}

/** The shape beside the word, for those who don't see colours. */
export const STATE_SHAPES: Readonly<Record<StateName, string>> = {
  PENDING: '◌',
  RUNNING: '●',
  SUCCEEDED: '✓',
  SKIPPED: '↷',
  FAILED: '✗',
  CANCELING: '◍',
  CANCELED: '⊘',
  PAUSED: '‖'
};

const two = (n: number): string => String(n).padStart(2, '0');

/** Seconds as `0:08`, `1:12`, `1:02:03`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How long it took, or has taken until `now` (seconds since 1970); null before it started. */
export function elapsed(
  thing: { readonly started?: number | null; readonly finished?: number | null },
  now: number
): number | null {
  return thing.started === null || thing.started === undefined
    ? null
    : (thing.finished ?? now) - thing.started;
}

/** Bytes in KiB, MiB, GiB. */
export function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A metric with four significant digits; NaN and infinities come as text. */
export function metric(value: number | string): string {
  if (typeof value === 'string' || Number.isInteger(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? value.toExponential(3)
    : String(Number(value.toPrecision(4)));
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60]
];

/** A time (seconds since 1970) as people say it: `2 hours ago`. */
export function ago(time: number, now: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language.replace('_', '-'), { numeric: 'auto' });
  // Clocks differ, and `now` may be some seconds old: nothing lies ahead.
  const passed = Math.min(0, time - now);
  const [unit, size] = STEPS.find(([, seconds]) => Math.abs(passed) >= seconds) ?? ['second', 1];
  return format.format(Math.round(passed / size), unit);
}

/** The same time in full, for hovering over. */
export function absolute(time: number, language: string): string {
  const format = new Intl.DateTimeFormat(language.replace('_', '-'), {
    dateStyle: 'medium',
    timeStyle: 'medium'
  });
  return format.format(new Date(time * 1000));
}

/** JupyterLab's language, as `Intl` wants it. */
export const languageOf = (code: string): string => (code === 'default' ? 'en' : code.replace('_', '-'));
