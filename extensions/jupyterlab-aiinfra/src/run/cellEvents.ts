import type { Cell, EventItem } from '../api/schema';

/** Which cell an event is about; the number is 0 for injected parameters. */
export function cellEvent(event: EventItem): { readonly id: string; readonly number: number } {
  const { id, cell } = event.data;
  return { id: typeof id === 'string' ? id : '', number: typeof cell === 'number' ? cell : 0 };
}

export const asStarted = (cell: Cell): Cell => ({ ...cell, state: 'running', outputs: [], seconds: null });

/** What a cell is after its last event. */
export function asFinished(event: EventItem): Pick<Cell, 'state' | 'seconds' | 'outputs'> {
  const { seconds, outputs, state } = event.data;
  return {
    state: state === 'SUCCEEDED' ? 'done' : 'failed',
    seconds: typeof seconds === 'number' ? seconds : null,
    outputs: Array.isArray(outputs) ? (outputs as Cell['outputs']) : [{ truncated: 0 }]
  };
}

/** An output that was too large to be told. */
export const isTruncated = (output: Cell['outputs'][number]): boolean =>
  'truncated' in output && !('output_type' in output);
