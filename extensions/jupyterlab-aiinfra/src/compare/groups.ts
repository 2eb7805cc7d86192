import type { TranslationBundle } from '@jupyterlab/translation';

import type { Compared, ComparedGroup } from '../api/schema';

export type GroupName = ComparedGroup['name'];

/** A group whose equal rows can be folded away. */
export interface IFolded {
  readonly name: GroupName;
  readonly different: readonly Compared[];
  readonly equal: readonly Compared[];
}

/** What differs, and what doesn't, each in the order in which it came. */
export const fold = ({ name, rows }: ComparedGroup): IFolded => ({
  name,
  different: rows.filter(row => row.differs),
  equal: rows.filter(row => !row.differs)
});

export function groupLabel(name: GroupName, trans: TranslationBundle): string {
  const words: Record<GroupName, string> = {
    parameters: trans.__('Parameters'),
    data: trans.__('Data'),
    code: trans.__('Code'),
    environment: trans.__('Environment'),
    metrics: trans.__('Metrics')
  };
  return words[name];
}
