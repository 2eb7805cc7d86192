import { PageConfig, URLExt } from '@jupyterlab/coreutils';

/** A run, and what to show of it. Cells count from 1. */
export interface IRunPlace {
  readonly id: string;
  readonly step?: string;
  readonly cell?: number;
}

const [RUN, STEP, CELL] = ['aiinfra-run', 'aiinfra-step', 'aiinfra-cell'];

/** Addresses that lead to a run. */
export const LINKS = /[?&]aiinfra-run=/;

/** The address that opens a run in the Lab, for others of the same server too. */
export function runLink(place: IRunPlace): string {
  const query = new URLSearchParams({ [RUN]: place.id });
  if (place.step !== undefined) {
    query.set(STEP, place.step);
  }
  if (place.cell !== undefined) {
    query.set(CELL, String(place.cell));
  }
  const app = PageConfig.getOption('appUrl') || '/lab';
  return `${URLExt.join(PageConfig.getBaseUrl(), app)}?${query.toString()}`;
}

/** What an address' query asks for; null when that is no run. */
export function placeOf(search: string): IRunPlace | null {
  const query = new URLSearchParams(search);
  const [id, step, cell] = [query.get(RUN), query.get(STEP), Number(query.get(CELL))];
  return id === null || !/^[0-9]+$/.test(id)
    ? null
    : { id, ...(step ? { step } : {}), ...(Number.isInteger(cell) && cell > 0 ? { cell } : {}) };
}

/** The query without what leads to a run: a reload shows what was left, not what came with the link. */
export function withoutPlace(search: string): string {
  const query = new URLSearchParams(search);
  [RUN, STEP, CELL].forEach(name => {
    query.delete(name);
  });
  const rest = query.toString();
  return rest ? `?${rest}` : '';
}
