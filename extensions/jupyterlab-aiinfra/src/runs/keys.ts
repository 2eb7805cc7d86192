import type { RunsModel } from './model';
import { extended, movedTo, only, toggled, type ISelection } from './selection';

/** Where a key of the list leads: a position, which may not be loaded yet. */
export function destination(key: string, at: number, total: number, page: number): number | undefined {
  const places: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: total - 1
  };
  const place = places[key];
  return place === undefined || total === 0 ? undefined : Math.max(0, Math.min(place, total - 1));
}

/** The keys that change what going somewhere chooses. */
export interface IModifiers {
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** The selection after going to the run `id` with the keyboard. */
export function wentTo(selection: ISelection, runs: RunsModel, id: string, keys: IModifiers): ISelection {
  if (keys.shiftKey) {
    return extended(
      selection,
      runs.rows.map(run => run.id),
      id
    );
  }
  return keys.ctrlKey || keys.metaKey ? movedTo(selection, id) : only(id);
}

/** The selection after a click on the run `id`. */
export const clicked = (selection: ISelection, runs: RunsModel, id: string, keys: IModifiers): ISelection =>
  !keys.shiftKey && (keys.ctrlKey || keys.metaKey)
    ? toggled(selection, id)
    : wentTo(selection, runs, id, { ...keys, ctrlKey: false, metaKey: false });
