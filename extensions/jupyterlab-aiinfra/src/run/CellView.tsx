import { memo, useLayoutEffect, useMemo, useRef, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { Cell } from '../api/schema';
import { bytes, duration } from '../core/format';
import { Printed } from './printed';
import { PrintedView } from './PrintedView';
import type { Rendering } from './rendering';

/** Put a widget of JupyterLab's into `node`. Gives what takes it away again. */
function host(widget: Widget, node: HTMLElement | null): () => void {
  if (node) {
    Widget.attach(widget, node);
  }
  return () => {
    widget.dispose();
  };
}

function Markdown({ source, rendering }: { source: string; rendering: Rendering }): JSX.Element {
  const node = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => host(rendering.markdown(source), node.current), [source, rendering]);
  return <div ref={node} />;
}

function Area({ outputs, rendering }: { outputs: Cell['outputs']; rendering: Rendering }): JSX.Element {
  const node = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => host(rendering.outputs(outputs), node.current), [outputs, rendering]);
  return <div ref={node} />;
}

function Source(props: {
  readonly source: string;
  readonly language: string;
  readonly rendering: Rendering;
}): JSX.Element {
  const { source, language, rendering } = props;
  const node = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const shown = node.current;
    if (shown) {
      shown.textContent = source;
      void rendering.highlight(source, language, shown);
    }
  }, [source, language, rendering]);
  return (
    <pre className="jp-aiinfra-source">
      <code ref={node} />
    </pre>
  );
}

const isStream = (output: Cell['outputs'][number]): boolean => output.output_type === 'stream';

/** Text of a stream that is too long to be shown whole, as it would have been shown while it was printed. */
function asPrinted(output: Cell['outputs'][number]): Printed | null {
  const text = Array.isArray(output.text) ? output.text.join('') : output.text;
  if (!isStream(output) || typeof text !== 'string' || text.length < 50_000) {
    return null;
  }
  const printed = new Printed();
  printed.add(text, typeof output.name === 'string' ? output.name : 'stdout');
  return printed;
}

/** Outputs in a row that are shown in the same way. */
function grouped(outputs: Cell['outputs']): Cell['outputs'][] {
  const isAlone = (output: Cell['outputs'][number]): boolean =>
    'truncated' in output || asPrinted(output) !== null;
  return outputs.reduce<Cell['outputs'][number][][]>((groups, output) => {
    const last = groups[groups.length - 1];
    if (last?.[0] === undefined || isAlone(output) || isAlone(last[0])) {
      groups.push([output]);
    } else {
      last.push(output);
    }
    return groups;
  }, []);
}

const Outputs = memo(function Outputs(props: {
  readonly outputs: Cell['outputs'];
  readonly rendering: Rendering;
  readonly trans: TranslationBundle;
  readonly openLog: () => void;
}): JSX.Element {
  const { outputs, rendering, trans, openLog } = props;
  const groups = useMemo(() => grouped(outputs), [outputs]);
  return (
    <>
      {groups.map((group, place) => {
        const first = group[0] ?? {};
        const size = first.truncated;
        const printed = asPrinted(first);
        return typeof size === 'number' ? (
          <p key={place} className="jp-aiinfra-run-note">
            {size > 0
              ? trans.__(
                  'An output of %1 is too large to be shown here. Open the notebook as a copy to see it.',
                  bytes(size)
                )
              : trans.__(
                  'The outputs are too large to be shown here. Open the notebook as a copy to see them.'
                )}
          </p>
        ) : printed ? (
          <PrintedView key={place} printed={printed} trans={trans} openLog={openLog} />
        ) : (
          <Area key={place} outputs={group} rendering={rendering} />
        );
      })}
    </>
  );
});

function titleOf(cell: Cell, trans: TranslationBundle): string {
  if (cell.number === null) {
    return trans.__('The arguments of this run');
  }
  switch (cell.state) {
    case 'running':
      return trans.__('Cell %1, running', cell.number);
    case 'failed':
      return trans.__('Cell %1, failed', cell.number);
    case 'waiting':
      return trans.__('Cell %1, waiting', cell.number);
    case 'done':
    case null:
      return trans.__('Cell %1', cell.number);
  }
}

/** Seconds as people read them beside a cell: `0.3 s`, `12 s`, `1:12`. */
export const tookLabel = (seconds: number, trans: TranslationBundle): string =>
  seconds >= 60
    ? duration(seconds)
    : trans.__('%1 s', seconds < 10 ? seconds.toFixed(1) : Math.round(seconds));

export interface ICellProps {
  readonly cell: Cell;
  readonly place: number;
  readonly language: string;
  readonly rendering: Rendering;
  readonly trans: TranslationBundle;
  readonly printed: Printed | undefined;
  /** Says that `printed` has changed. */
  readonly version: number;
  /** One sentence that says why it failed, and what can be done. */
  readonly failure: JSX.Element | null;
  readonly marked: boolean;
  readonly openLog: () => void;
  readonly copyLink: (cell: number) => void;
}

/** A cell of an executed notebook. */
export const CellView = memo(function CellView(props: ICellProps): JSX.Element {
  const { cell, place, language, rendering, trans, printed, failure, openLog, copyLink } = props;
  const { number } = cell;
  const isPrinting = printed !== undefined;
  const outputs = useMemo(
    () => (isPrinting ? cell.outputs.filter(output => !isStream(output)) : cell.outputs),
    [isPrinting, cell.outputs]
  );
  return (
    <article
      className="jp-aiinfra-cell"
      data-place={place}
      data-number={number ?? undefined}
      data-kind={cell.kind}
      data-state={cell.state ?? undefined}
      data-marked={props.marked || undefined}
      aria-label={titleOf(cell, trans)}
    >
      {failure}
      {cell.kind === 'markdown' ? (
        <Markdown source={cell.source} rendering={rendering} />
      ) : cell.kind === 'raw' ? (
        <pre className="jp-aiinfra-source">{cell.source}</pre>
      ) : (
        <>
          <div className="jp-aiinfra-cell-head">
            <span className="jp-aiinfra-cell-prompt">
              {`[${cell.execution_count ?? (cell.state === 'running' ? '*' : ' ')}]`}
            </span>
            {number === null ? (
              <span>{trans.__('The arguments of this run')}</span>
            ) : (
              <button
                type="button"
                className="jp-aiinfra-quiet"
                title={trans.__('Copy a link to this cell')}
                onClick={() => {
                  copyLink(number);
                }}
              >
                {trans.__('Cell %1', number)}
              </button>
            )}
            {cell.state === 'running' && <strong>{trans.__('● Running')}</strong>}
            {cell.state === 'failed' && <strong>{trans.__('✗ Failed')}</strong>}
            {cell.seconds !== null && cell.seconds >= 0.05 && <span>{tookLabel(cell.seconds, trans)}</span>}
          </div>
          <Source source={cell.source} language={language} rendering={rendering} />
          <Outputs outputs={outputs} rendering={rendering} trans={trans} openLog={openLog} />
          {printed && (
            <PrintedView printed={printed} version={printed.version} trans={trans} openLog={openLog} />
          )}
        </>
      )}
    </article>
  );
});
