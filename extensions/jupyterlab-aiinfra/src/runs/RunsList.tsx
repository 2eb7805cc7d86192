import type { TranslationBundle } from '@jupyterlab/translation';
import { useCallback, type KeyboardEvent, type MouseEvent, type ReactElement } from 'react';

import { useSignal } from '../common/useSignal';
import type { Chosen } from './chosen';
import { clicked, destination, wentTo, type IModifiers } from './keys';
import type { RunsModel } from './model';
import { RunItem } from './RunItem';
import { only, toggled } from './selection';
import { useWindow } from './useWindow';
import { ROW } from './windowing';

export interface IRunsListProps {
  readonly runs: RunsModel;
  readonly chosen: Chosen;
  readonly trans: TranslationBundle;
  readonly language: string;
  readonly open: (id: string) => void;
}

const optionId = (id: string): string => `jp-aiinfra-run-${id}`;

/** The run that an element belongs to. */
const runAt = (target: EventTarget): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('.jp-aiinfra-Runs-row')?.dataset.run : undefined;

/** The menu of a row, asked for with the keyboard, opens at that row and not at the list's corner. */
function openMenu(id: string): void {
  const row = document.getElementById(optionId(id));
  const box = row?.getBoundingClientRect();
  if (row && box) {
    const place = { clientX: box.left + 24, clientY: box.bottom - 4 };
    row.dispatchEvent(new window.MouseEvent('contextmenu', { bubbles: true, cancelable: true, ...place }));
  }
}

/** The list: only the rows that are seen are in the document. */
export function RunsList({ runs, chosen, trans, language, open }: IRunsListProps): ReactElement {
  useSignal(runs.stateChanged);
  useSignal(chosen.stateChanged);
  const { ref, range, onScroll, reveal, page } = useWindow(runs);
  const { rows, total } = runs;
  const { active, chosen: ids } = chosen.selection;
  const at = active === null ? -1 : runs.indexOf(active);

  const goTo = useCallback(
    async (place: number, keys: IModifiers): Promise<void> => {
      reveal(place);
      await runs.reach(place + 1);
      const run = runs.rows[Math.min(place, runs.rows.length - 1)];
      if (run !== undefined) {
        chosen.choose(wentTo(chosen.selection, runs, run.id, keys));
        reveal(runs.indexOf(run.id));
      }
    },
    [runs, chosen, reveal]
  );

  const onKeyDown = (event: KeyboardEvent): void => {
    const place = destination(event.key, at, total, page);
    if (place !== undefined) {
      void goTo(place, { ctrlKey: event.ctrlKey, metaKey: event.metaKey, shiftKey: event.shiftKey });
    } else if (active !== null && event.key === 'Enter') {
      open(active);
    } else if (active !== null && event.key === ' ') {
      chosen.choose(toggled(chosen.selection, active));
    } else if (active !== null && (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))) {
      reveal(at);
      openMenu(active);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const onClick = (event: MouseEvent): void => {
    const id = runAt(event.target);
    if (id !== undefined) {
      chosen.choose(clicked(chosen.selection, runs, id, event));
      if (!event.shiftKey && !event.ctrlKey && !event.metaKey) {
        open(id);
      }
    }
  };

  const onContextMenu = (event: MouseEvent): void => {
    const id = runAt(event.target) ?? active ?? undefined;
    if (id !== undefined && !ids.has(id)) {
      chosen.choose(only(id));
    }
  };

  const places = Array.from({ length: range.end - range.start }, (_, i) => range.start + i);
  return (
    <div
      ref={ref}
      className="jp-aiinfra-Runs-list"
      role="listbox"
      tabIndex={0}
      aria-label={trans.__('Runs, newest first')}
      aria-multiselectable={true}
      aria-activedescendant={
        active !== null && at >= range.start && at < range.end ? optionId(active) : undefined
      }
      onScroll={onScroll}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onContextMenu={onContextMenu}
    >
      <div role="presentation" className="jp-aiinfra-Runs-all" style={{ height: total * ROW }}>
        {places.map(place => {
          const run = rows[place];
          const where = { top: place * ROW };
          const count = { 'aria-setsize': total, 'aria-posinset': place + 1 };
          return run === undefined ? (
            <div
              key={`at-${place}`}
              role="option"
              aria-selected={false}
              aria-disabled={true}
              className="jp-aiinfra-Runs-row"
              style={where}
              {...count}
            >
              {trans.__('Loading…')}
            </div>
          ) : (
            <div
              key={run.id}
              id={optionId(run.id)}
              data-run={run.id}
              data-active={run.id === active || undefined}
              role="option"
              aria-selected={ids.has(run.id)}
              className="jp-aiinfra-Runs-row"
              style={where}
              {...count}
            >
              <RunItem run={run} trans={trans} language={language} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
