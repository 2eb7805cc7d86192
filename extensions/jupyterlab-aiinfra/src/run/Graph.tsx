import { useLayoutEffect, useMemo, useRef, type JSX, type KeyboardEvent } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Step } from '../api/schema';
import { StateBadge } from '../common/StateBadge';
import { useNow } from '../common/now';
import { duration, elapsed, hasEnded, stateLabel } from '../core/format';
import { layout, neighbour } from './layout';

const [WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE] = [200, 52, 48, 12, 8];
const left = (layer: number): number => EDGE + layer * (WIDTH + GAP_X);
const top = (row: number): number => EDGE + row * (HEIGHT + GAP_Y);

interface IProps {
  readonly steps: readonly Step[];
  readonly selected: string | null;
  readonly trans: TranslationBundle;
  readonly select: (name: string) => void;
}

/** The steps of a run, and what comes after what. Arrow keys move, Enter selects. */
export function Graph({ steps, selected, trans, select }: IProps): JSX.Element {
  const shape = steps.map(step => [step.name, ...step.after].join('\n')).join('\n\n');
  // Drawn anew when steps are others, not when they go on.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const graph = useMemo(() => layout(steps), [shape]);
  const box = useRef<HTMLDivElement>(null);
  const now = useNow(steps.every(step => hasEnded(step.state)) ? 0 : 1);
  const byName = new Map(steps.map(step => [step.name, step]));
  const nodes = new Map(graph.nodes.map(node => [node.name, node]));
  const button = (name: string): HTMLElement | undefined =>
    [...(box.current?.querySelectorAll<HTMLElement>('button[data-step]') ?? [])].find(
      found => found.dataset.step === name
    );

  useLayoutEffect(() => {
    const chosen = selected === null ? undefined : button(selected);
    chosen?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [selected, shape]);

  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const from = event.currentTarget.dataset.step ?? '';
    const to = neighbour(graph, from, event.key);
    if (/^(Arrow|Home|End)/.test(event.key)) {
      event.preventDefault();
      button(to)?.focus();
    }
  };

  return (
    <div className="jp-aiinfra-graph" ref={box} role="group" aria-label={trans.__('Steps of the run')}>
      <div
        className="jp-aiinfra-graph-plane"
        style={{ width: left(graph.layers) - GAP_X + EDGE, height: top(graph.rows) - GAP_Y + EDGE }}
      >
        <svg aria-hidden="true">
          {graph.edges.map(([from, to]) => {
            const [a, b] = [nodes.get(from), nodes.get(to)];
            if (!a || !b) {
              return null;
            }
            const [x1, y1] = [left(a.layer) + WIDTH, top(a.row) + HEIGHT / 2];
            const [x2, y2] = [left(b.layer), top(b.row) + HEIGHT / 2];
            const bend = GAP_X / 2;
            const way = `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 5} ${y2}`;
            return (
              <g key={`${from}\n${to}`}>
                <path d={way} />
                <path className="jp-aiinfra-graph-tip" d={`M${x2} ${y2} l-7 -4 v8 z`} />
              </g>
            );
          })}
        </svg>
        {graph.nodes.map(node => {
          const step = byName.get(node.name);
          const took = step && elapsed(step, now);
          return (
            step && (
              <button
                key={node.name}
                type="button"
                className="jp-aiinfra-graph-step"
                style={{ left: left(node.layer), top: top(node.row), width: WIDTH, height: HEIGHT }}
                data-step={step.name}
                data-state={step.state}
                aria-pressed={step.name === selected}
                aria-label={trans.__('Step %1: %2', step.name, stateLabel(step.state, trans))}
                tabIndex={step.name === (selected ?? graph.nodes[0]?.name) ? 0 : -1}
                title={step.error ?? step.name}
                onKeyDown={move}
                onClick={() => {
                  select(step.name);
                }}
              >
                <span className="jp-aiinfra-graph-name">{step.name}</span>
                <span className="jp-aiinfra-graph-state">
                  <StateBadge state={step.state} trans={trans} />
                  {step.state === 'RUNNING' && step.cell !== null && step.cells !== null && (
                    <span>{trans.__('cell %1/%2', step.cell, step.cells)}</span>
                  )}
                  {took !== null && took !== undefined && <span>{duration(took)}</span>}
                </span>
              </button>
            )
          );
        })}
      </div>
    </div>
  );
}
