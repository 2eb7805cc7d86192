import { useEffect, useRef, useState, type JSX } from 'react';

import { ProblemView } from '../common/ProblemView';
import type { IAiinfra } from '../core/tokens';
import { cellText, isNumeric } from './cells';
import type { TableModel } from './table-model';
import { scrollFor, windowOf } from './window';

interface IProps {
  readonly aiinfra: IAiinfra;
  readonly model: TableModel;
  readonly title: string;
  readonly language: string;
}

/** Pixels beside the text of a cell. */
const PADDING = 16;

function Space({ height, span }: { readonly height: number; readonly span: number }): JSX.Element | null {
  return height > 0 ? (
    <tr aria-hidden="true">
      <td colSpan={span} style={{ height, padding: 0, border: 'none' }} />
    </tr>
  ) : null;
}

function Row(props: { readonly model: TableModel; readonly index: number }): JSX.Element {
  const { model, index } = props;
  const row = model.row(index);
  return (
    <tr aria-rowindex={index + 2} aria-busy={row === null}>
      <th scope="row">{index + 1}</th>
      {model.columns.map(({ name, type }, i) => {
        const missing = row !== null && (row[i] ?? null) === null;
        const text = row === null ? '…' : missing ? 'null' : cellText(row[i]);
        return (
          <td
            key={name}
            title={text.length > 30 ? text : undefined}
            data-numeric={isNumeric(type)}
            data-null={missing}
          >
            {text}
          </td>
        );
      })}
    </tr>
  );
}

function GoTo(props: {
  readonly aiinfra: IAiinfra;
  readonly total: number;
  readonly go: (row: number) => void;
}): JSX.Element {
  const { aiinfra, total, go } = props;
  const [text, setText] = useState('');
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        if (text) {
          go(Math.min(Math.max(1, Number(text)), total) - 1);
        }
      }}
    >
      <label>
        {aiinfra.trans.__('Go to row')}{' '}
        <input
          type="number"
          className="jp-mod-styled jp-aiinfra-go"
          min={1}
          max={total}
          value={text}
          onChange={event => {
            setText(event.target.value);
          }}
        />
      </label>
    </form>
  );
}

/**
 * A table of any length, as a table.
 *
 * Not Lumino's DataGrid: it paints on a canvas, where a screen reader finds nothing and text can't be searched or selected.
 */
export function TableView(props: IProps): JSX.Element {
  const { aiinfra, model, title, language } = props;
  const { trans } = aiinfra;
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const { total, columns, widths, problem } = model;
  const shown = windowOf(total ?? 0, seen.top, seen.height);

  useEffect(() => {
    const node = scroller.current;
    if (!node) {
      return;
    }
    const look = (): void => {
      setSeen({ top: node.scrollTop, height: node.clientHeight });
    };
    const observer = new ResizeObserver(look);
    observer.observe(node);
    node.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', look);
    };
  }, [total === null]); // eslint-disable-line react-hooks/exhaustive-deps -- once the table is there

  useEffect(() => {
    model.want(shown.first, shown.last);
  }, [model, shown.first, shown.last]);

  const count = new Intl.NumberFormat(language);
  const marks = String(total ?? 0).length + 2;
  const width = widths.reduce((sum, one) => sum + one, marks);
  const span = columns.length + 1;
  return (
    <>
      <div className="jp-aiinfra-view-head">
        <h2>{title}</h2>
        {total !== null && (
          <>
            <span>
              {trans._n('%2 row', '%2 rows', total, count.format(total))}
              {' · '}
              {trans._n('%1 column', '%1 columns', columns.length)}
            </span>
            <GoTo
              aiinfra={aiinfra}
              total={total}
              go={row => {
                const node = scroller.current;
                node?.scrollTo({ top: scrollFor(row, total, node.clientHeight) });
              }}
            />
          </>
        )}
      </div>
      {problem && <ProblemView error={problem} trans={trans} retry={model.retry} />}
      {total === null && !problem && <p role="status">{trans.__('Loading…')}</p>}
      {total === 0 && <p role="status">{trans.__('The table has no rows.')}</p>}
      {total !== null && (
        <div
          ref={scroller}
          className="jp-aiinfra-table-scroll"
          role="region"
          aria-label={trans.__('Rows of %1', title)}
          // It scrolls, so it has to be reached by the keyboard.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
        >
          <table
            aria-rowcount={total + 1}
            style={{ width: `calc(${width}ch + ${(widths.length + 1) * PADDING}px)` }}
          >
            <colgroup>
              {[marks, ...widths].map((one, i) => (
                <col key={i} style={{ width: `calc(${one}ch + ${PADDING}px)` }} />
              ))}
            </colgroup>
            <thead>
              <tr aria-rowindex={1}>
                <th scope="col">
                  <span className="jp-aiinfra-unseen">{trans.__('Row')}</span>
                </th>
                {columns.map(({ name, type }) => (
                  <th scope="col" key={name} title={name} data-numeric={isNumeric(type)}>
                    {name}
                    <span className="jp-aiinfra-quiet">{type}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              <Space height={shown.before} span={span} />
              {Array.from({ length: shown.last - shown.first }, (_, i) => (
                <Row key={shown.first + i} model={model} index={shown.first + i} />
              ))}
              <Space height={shown.after} span={span} />
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
