import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer = 0;

const tell = (): void => {
  listeners.forEach(listener => {
    listener();
  });
};

/** One timer for all that shows the time; none while nothing does. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    timer = window.setInterval(tell, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
    }
  };
}

const never = (): (() => void) => () => undefined;

/** Seconds since 1970, as a multiple of `every`: a component is drawn again when that is over. 0: the time stands still. */
export function useNow(every: number): number {
  const step = Math.max(every, 1);
  return useSyncExternalStore(
    every > 0 ? subscribe : never,
    () => Math.floor(Date.now() / 1000 / step) * step
  );
}
