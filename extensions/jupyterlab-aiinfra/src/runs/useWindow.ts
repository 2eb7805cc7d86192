import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

import type { RunsModel } from './model';
import { ROW, scrolledTo, visible, type IRange } from './windowing';

interface IWindow {
  readonly ref: RefObject<HTMLDivElement>;
  readonly range: IRange;
  readonly onScroll: () => void;
  readonly reveal: (at: number) => void;
  /** Rows that are seen at once. */
  readonly page: number;
}

/** The part of the list that is seen: it stays on the same runs when others come above them. */
export function useWindow(runs: RunsModel): IWindow {
  const ref = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ id: string; at: number } | null>(null);
  const [first, setFirst] = useState(0);
  const [height, setHeight] = useState(0);
  const { rows, total } = runs;

  const onScroll = useCallback((): void => {
    const at = Math.floor((ref.current?.scrollTop ?? 0) / ROW);
    const run = runs.rows[at];
    anchor.current = at > 0 && run !== undefined ? { id: run.id, at } : null;
    setFirst(at);
  }, [runs]);

  useLayoutEffect(() => {
    const { current } = anchor;
    const at = current === null ? -1 : runs.indexOf(current.id);
    if (ref.current !== null && current !== null && at >= 0 && at !== current.at) {
      ref.current.scrollTop += (at - current.at) * ROW;
      anchor.current = { ...current, at };
    }
  }, [runs, rows]);

  useEffect(() => {
    const box = ref.current;
    if (box === null) {
      return;
    }
    const measure = (): void => {
      setHeight(box.clientHeight);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    measure();
    return () => {
      observer.disconnect();
    };
  }, []);

  const range = visible(first * ROW, height, total);
  useEffect(() => {
    if (range.end > rows.length) {
      void runs.reach(range.end);
    }
  }, [runs, rows, range.end]);

  const reveal = useCallback((at: number): void => {
    if (ref.current !== null) {
      ref.current.scrollTop = scrolledTo(at, ref.current.scrollTop, ref.current.clientHeight);
    }
  }, []);

  return { ref, range, onScroll, reveal, page: Math.max(1, Math.floor(height / ROW) - 1) };
}
