import { useEffect, useLayoutEffect, useRef, useState, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Step } from '../api/schema';
import { ProblemView } from '../common/ProblemView';
import { hasEnded } from '../core/format';
import { CellView } from './CellView';
import { CellWindow, type Range } from './cellWindow';
import { useSignal } from './hooks';
import type { NotebookModel } from './notebookModel';
import type { Rendering } from './rendering';

/** A cell to go to; another object goes there once more. */
export interface ITarget {
  readonly cell: number;
}

interface IProps {
  readonly notebook: NotebookModel;
  readonly step: Step;
  readonly target: ITarget | null;
  readonly rendering: Rendering;
  readonly trans: TranslationBundle;
  /** What can be done about the failure. */
  readonly remedies: JSX.Element;
  readonly openLog: () => void;
  readonly copyLink: (cell: number) => void;
  readonly follow: boolean;
  readonly setFollow: (follow: boolean) => void;
}

/** Where to begin: at the cell that was asked for, the one that failed, or the one that runs. */
async function begin(
  notebook: NotebookModel,
  step: Step,
  target: ITarget | null,
  follow: boolean
): Promise<number | null> {
  if (target !== null) {
    return notebook.open(target.cell);
  }
  return follow && step.state === 'RUNNING'
    ? notebook.openRunning(step.cell ?? 1).then(() => null)
    : notebook.open(step.failed_cell);
}

/** Nothing of a notebook leads away from the Lab: links open a tab of their own, and what isn't an address opens nothing. */
function openElsewhere(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('article a[href]') : null;
  if (link instanceof HTMLAnchorElement) {
    event.preventDefault();
    if (/^(https?|mailto):/.test(link.href) && !(link.getAttribute('href') ?? '#').startsWith('#')) {
      window.open(link.href, '_blank', 'noopener,noreferrer');
    }
  }
}

/** The executed notebook of a step, of which only what is seen is in the document. */
export function NotebookView(props: IProps): JSX.Element {
  const { notebook, step, target, rendering, trans, follow, setFollow } = props;
  useSignal(notebook.stateChanged);
  const box = useRef<HTMLDivElement>(null);
  const above = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLDivElement>(null);
  const cells = useRef<HTMLDivElement>(null);
  const shown = useRef<CellWindow | null>(null);
  const [range, setRange] = useState<Range>([0, -1]);
  const running = notebook.running?.place ?? null;
  const { total } = notebook;

  useLayoutEffect(() => {
    if (!box.current || !above.current || !below.current) {
      return;
    }
    const told = ([first, last]: Range): void => {
      setRange(old => (old[0] === first && old[1] === last ? old : [first, last]));
    };
    const made = new CellWindow(box.current, above.current, below.current, told);
    shown.current = made;
    const node = box.current;
    node.addEventListener('click', openElsewhere);
    return () => {
      node.removeEventListener('click', openElsewhere);
      made.dispose();
    };
  }, [notebook]);

  const start = useRef({ step, follow });
  useLayoutEffect(() => {
    start.current = { step, follow };
  });
  useEffect(() => {
    let current = true;
    void begin(notebook, start.current.step, target, start.current.follow).then(
      place => {
        if (current && place !== null && shown.current) {
          shown.current.count = notebook.total;
          shown.current.reveal(place);
        }
      },
      () => undefined
    );
    return () => {
      current = false;
    };
  }, [notebook, target]);

  // A failure that is watched is shown as one that was found: at its cell.
  const failed = step.failed_cell;
  const seenFailure = useRef(failed);
  useEffect(() => {
    if (failed !== null && seenFailure.current !== failed && follow) {
      void notebook.locate(failed).then(place => {
        if (place !== null) {
          shown.current?.reveal(place);
        }
      });
    }
    seenFailure.current = failed;
  }, [notebook, failed, follow]);

  useLayoutEffect(() => {
    const view = shown.current;
    if (view) {
      view.followed = follow ? running : null;
      view.byHand = () => {
        if (running !== null && view.sees(running) !== follow) {
          setFollow(!follow);
        }
      };
      view.count = total;
      view.place(range, cells.current?.children ?? []);
    }
  });

  useEffect(() => {
    if (range[1] >= range[0] && total > 0) {
      notebook.want(range[0], Math.min(range[1], total - 1));
    }
  });

  const places = Array.from(
    { length: Math.max(0, Math.min(range[1], total - 1) - range[0] + 1) },
    (_, i) => range[0] + i
  );
  const failure = step.error !== null && step.failed_cell !== null && (
    <div className="jp-aiinfra-failure" role="note">
      <p>
        <span aria-hidden="true">✗</span> {step.error}
      </p>
      {props.remedies}
    </div>
  );
  return (
    <div className="jp-aiinfra-notebook">
      {notebook.problem && notebook.total === 0 && notebook.problem.status !== 404 && (
        <ProblemView
          error={notebook.problem}
          trans={trans}
          retry={() => {
            notebook.refresh();
          }}
        />
      )}
      {notebook.total === 0 && (!notebook.problem || notebook.problem.status === 404) && (
        <p className="jp-aiinfra-run-empty" role="status">
          {hasEnded(step.state)
            ? trans.__('This step has no executed notebook.')
            : trans.__('The executed notebook appears here when the step begins.')}
        </p>
      )}
      <div
        ref={box}
        className="jp-aiinfra-cells"
        role="region"
        aria-label={trans.__('Executed notebook of %1', step.name)}
        // What scrolls must be reached by the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <div ref={above} />
        <div ref={cells}>
          {places.map(place => {
            const cell = notebook.cell(place);
            const printed = cell && notebook.printed(cell.id);
            return cell ? (
              <CellView
                key={place}
                cell={cell}
                place={place}
                language={notebook.language}
                rendering={rendering}
                trans={trans}
                printed={printed}
                version={printed?.version ?? 0}
                failure={failure && cell.number === step.failed_cell ? failure : null}
                marked={target !== null && target.cell === cell.number}
                openLog={props.openLog}
                copyLink={props.copyLink}
              />
            ) : (
              <div key={place} className="jp-aiinfra-cell jp-mod-loading" aria-hidden="true" />
            );
          })}
        </div>
        <div ref={below} />
      </div>
    </div>
  );
}
