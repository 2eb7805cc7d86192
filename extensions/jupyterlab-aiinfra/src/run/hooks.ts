import { useEffect, useReducer } from 'react';
import type { ISignal } from '@lumino/signaling';

/** Draws the component again when `signal` tells. Gives a number that changes with it. */
export function useSignal<S, A>(signal: ISignal<S, A> | null): number {
  const [times, again] = useReducer((before: number) => before + 1, 0);
  useEffect(() => {
    const hear = (): void => {
      again();
    };
    signal?.connect(hear);
    return () => {
      signal?.disconnect(hear);
    };
  }, [signal]);
  return times;
}
