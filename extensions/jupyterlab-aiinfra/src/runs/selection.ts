/** Which runs are chosen, and the one that the keyboard is at. Kept by number: rows may come above them. */
export interface ISelection {
  readonly active: string | null;
  readonly chosen: ReadonlySet<string>;
  /** Where a choice with Shift begins. */
  readonly anchor: string | null;
}

export const NOTHING: ISelection = { active: null, chosen: new Set(), anchor: null };

/** Only this run. */
export const only = (id: string): ISelection => ({ active: id, chosen: new Set([id]), anchor: id });

/** This run too, or not any more (Ctrl). */
export function toggled(selection: ISelection, id: string): ISelection {
  const chosen = new Set(selection.chosen);
  if (!chosen.delete(id)) {
    chosen.add(id);
  }
  return { active: id, chosen, anchor: id };
}

/** From where the choice began to this run (Shift), in the order of `ids`. */
export function extended(selection: ISelection, ids: readonly string[], id: string): ISelection {
  const anchor = selection.anchor ?? id;
  const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)].sort((a, b) => a - b);
  return from === undefined || to === undefined || from < 0
    ? only(id)
    : { active: id, chosen: new Set(ids.slice(from, to + 1)), anchor };
}

/** The keyboard goes to this run, the choice stays (Ctrl and an arrow). */
export const movedTo = (selection: ISelection, id: string): ISelection => ({ ...selection, active: id });
