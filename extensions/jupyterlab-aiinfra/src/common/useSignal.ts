import type { ISignal } from '@lumino/signaling';
import { useEffect, useReducer } from 'react';

/** Draw the component again whenever `signal` says so. */
export function useSignal(signal: ISignal<unknown, unknown>): void {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const look = (): void => {
      again();
    };
    signal.connect(look);
    // It may have spoken between the first drawing and now.
    look();
    return () => {
      signal.disconnect(look);
    };
  }, [signal]);
}
