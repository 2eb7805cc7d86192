import { useState, type KeyboardEvent } from 'react';

const MOVES: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at, count) => Math.min(at + 1, count - 1),
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowLeft: at => Math.max(at - 1, 0),
  ArrowUp: at => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, count) => count - 1
};

/** Where a key leads from place `at` of `count`; undefined for a key that leads nowhere. */
export const moved = (key: string, at: number, count: number): number | undefined =>
  count === 0 ? undefined : MOVES[key]?.(Math.min(at, count - 1), count);

interface IRoving {
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly tabIndex: (place: number) => 0 | -1;
  readonly onFocus: (place: number) => void;
}

/** Many things, one stop of the Tab key: arrows move among the elements with `data-place` inside the one that has `onKeyDown`. */
export function useRoving(count: number): IRoving {
  const [at, setAt] = useState(0);
  const current = Math.min(at, Math.max(count - 1, 0));
  return {
    tabIndex: place => (place === current ? 0 : -1),
    onFocus: setAt,
    onKeyDown: event => {
      const next = moved(event.key, current, count);
      if (next !== undefined) {
        event.preventDefault();
        event.currentTarget.querySelector<HTMLElement | SVGElement>(`[data-place="${next}"]`)?.focus();
      }
    }
  };
}
