import { useState, type JSX } from 'react';
import { HTMLSelect } from '@jupyterlab/ui-components';

import type { Comparison, RunRow } from '../api/schema';
import { useRoving } from '../common/roving';
import type { IAiinfra } from '../core/tokens';
import { axesOf, mainMetric, type IAxis, type IPlacedAxis } from './axes';
import { parallel, scatter, type IBox } from './plot';
import { shown } from './value';

const SIZE = { width: 640, height: 300 };
const SCATTER: IBox = { left: 70, right: 620, top: 20, bottom: 250 };
const PARALLEL: IBox = { left: 70, right: 570, top: 40, bottom: 280 };
/** More axes than this can't be read. */
const MOST = 8;

interface IProps {
  readonly aiinfra: IAiinfra;
  readonly comparison: Comparison;
  readonly openRun: (id: string) => void;
}

/** `Run 3: month 2, auc 0.62` */
function told(run: RunRow, at: number, axes: readonly IAxis[], { trans }: IAiinfra): string {
  const values = axes.map(({ name, values }) => {
    const value = shown(name, values[at]);
    return value ? trans.__('%1 %2', name, value.text) : trans.__('%1 unknown', name);
  });
  return trans.__('Run %1: %2', run.id, values.join(', '));
}

/** What a person does to a mark of the plot: look at it, open it. */
function useMarks(props: IProps, axes: readonly IAxis[], marks: readonly { readonly run: number }[]) {
  const { aiinfra, comparison, openRun } = props;
  const { onKeyDown, onFocus, tabIndex } = useRoving(marks.length);
  const [looked, setLooked] = useState('');
  const attributes = (place: number) => {
    const at = marks[place]?.run ?? 0;
    const run = comparison.runs[at];
    if (!run) {
      return {};
    }
    const text = told(run, at, axes, aiinfra);
    return {
      role: 'link',
      className: 'jp-aiinfra-mark',
      'aria-label': text,
      'data-place': place,
      tabIndex: tabIndex(place),
      onFocus: () => {
        onFocus(place);
        setLooked(text);
      },
      onMouseEnter: () => {
        setLooked(text);
      },
      onClick: () => {
        openRun(run.id);
      },
      onKeyDown: (event: { key: string }) => {
        if (event.key === 'Enter') {
          openRun(run.id);
        }
      }
    };
  };
  return { onKeyDown, looked, attributes };
}

function Caption(props: {
  readonly aiinfra: IAiinfra;
  readonly looked: string;
  readonly leftOut: number;
}): JSX.Element {
  const { trans } = props.aiinfra;
  return (
    <figcaption>
      <span>
        {props.looked || trans.__('Each mark is a run: arrow keys move among them, Enter opens one.')}
      </span>
      {props.leftOut > 0 && (
        <span>
          {' '}
          {trans._n(
            '%1 run has no such value and is left out.',
            '%1 runs have no such value and are left out.',
            props.leftOut
          )}
        </span>
      )}
    </figcaption>
  );
}

const axisName = ({ axis, log }: IPlacedAxis, { trans }: IAiinfra): string =>
  log ? trans.__('%1 (logarithmic)', axis.name) : axis.name;

function Upright(props: {
  readonly placed: IPlacedAxis;
  readonly x: number;
  readonly box: IBox;
}): JSX.Element {
  const { placed, x, box } = props;
  return (
    <g className="jp-aiinfra-axis" aria-hidden="true">
      <line x1={x} x2={x} y1={box.top} y2={box.bottom} />
      {placed.ticks.map(tick => (
        <text key={tick.text} x={x - 6} y={tick.at} textAnchor="end" dominantBaseline="middle">
          {tick.text}
        </text>
      ))}
    </g>
  );
}

function Level(props: { readonly placed: IPlacedAxis; readonly box: IBox }): JSX.Element {
  const { placed, box } = props;
  return (
    <g className="jp-aiinfra-axis" aria-hidden="true">
      <line x1={box.left} x2={box.right} y1={box.bottom} y2={box.bottom} />
      {placed.ticks.map(tick => (
        <text key={tick.text} x={tick.at} y={box.bottom + 16} textAnchor="middle">
          {tick.text}
        </text>
      ))}
    </g>
  );
}

function Scatter(props: IProps & { readonly x: IAxis; readonly y: IAxis }): JSX.Element {
  const { aiinfra, x, y } = props;
  const inner: IBox = { ...SCATTER, left: SCATTER.left + 12, right: SCATTER.right - 12 };
  const plot = scatter(x, y, inner);
  const marks = useMarks(props, [x, y], plot.points);
  const label = aiinfra.trans.__('%1 against %2', y.name, x.name);
  return (
    <figure>
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="group" aria-label={label}>
        <Upright placed={plot.y} x={SCATTER.left} box={SCATTER} />
        <Level placed={plot.x} box={SCATTER} />
        <text aria-hidden="true" x={SCATTER.left} y={12} textAnchor="middle">
          {axisName(plot.y, aiinfra)}
        </text>
        <text aria-hidden="true" x={SCATTER.right} y={SIZE.height - 14} textAnchor="end">
          {axisName(plot.x, aiinfra)}
        </text>
        <g onKeyDown={marks.onKeyDown}>
          {plot.points.map((point, place) => (
            <circle key={point.run} cx={point.x} cy={point.y} r={5} {...marks.attributes(place)} />
          ))}
        </g>
      </svg>
      <Caption aiinfra={aiinfra} looked={marks.looked} leftOut={plot.leftOut} />
    </figure>
  );
}

function Parallel(props: IProps & { readonly axes: readonly IAxis[] }): JSX.Element {
  const { aiinfra, axes } = props;
  const plot = parallel(axes, PARALLEL);
  const marks = useMarks(props, axes, plot.lines);
  return (
    <figure>
      <svg
        viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
        role="group"
        aria-label={aiinfra.trans.__('Runs through their parameters and metrics')}
      >
        <g onKeyDown={marks.onKeyDown}>
          {plot.lines.map((line, place) => (
            <g key={line.run} {...marks.attributes(place)}>
              <path d={line.path} className="jp-aiinfra-wide" />
              <path d={line.path} />
              {line.points.map(point => (
                <circle key={point.x} cx={point.x} cy={point.y} r={3} />
              ))}
            </g>
          ))}
        </g>
        {/* Above the lines, so that they can be read. */}
        {plot.axes.map(placed => (
          <g key={placed.axis.key}>
            <Upright placed={placed} x={placed.x} box={PARALLEL} />
            <text aria-hidden="true" x={placed.x} y={20} textAnchor="middle">
              {axisName(placed, aiinfra)}
            </text>
          </g>
        ))}
      </svg>
      <Caption aiinfra={aiinfra} looked={marks.looked} leftOut={plot.leftOut} />
    </figure>
  );
}

function Choose(props: {
  readonly label: string;
  readonly axes: readonly IAxis[];
  readonly chosen: IAxis;
  readonly choose: (key: string) => void;
}): JSX.Element {
  return (
    <label>
      {props.label}{' '}
      <HTMLSelect
        value={props.chosen.key}
        onChange={event => {
          props.choose(event.target.value);
        }}
      >
        {props.axes.map(axis => (
          <option key={axis.key} value={axis.key}>
            {axis.name}
          </option>
        ))}
      </HTMLSelect>
    </label>
  );
}

/** The runs of a sweep against each other. Nothing when they don't differ in a parameter and in a metric. */
export function Plots(props: IProps): JSX.Element | null {
  const { aiinfra, comparison } = props;
  const { trans } = aiinfra;
  const [xKey, setX] = useState('');
  const [yKey, setY] = useState('');
  const axes = axesOf(comparison);
  const x = axes.find(axis => axis.key === xKey) ?? axes.find(axis => axis.group === 'parameters');
  const y = axes.find(axis => axis.key === yKey) ?? mainMetric(axes, comparison);
  if (!x || !y) {
    return (
      <p className="jp-aiinfra-quiet">
        {trans.__('Once runs differ in a parameter and in a metric, plots of them stand here.')}
      </p>
    );
  }
  const most = [...axes.filter(axis => axis !== y).slice(0, MOST - 1), y];
  return (
    <section className="jp-aiinfra-plots" aria-label={trans.__('Plots')}>
      <div className="jp-aiinfra-plots-axes">
        <Choose label={trans.__('Upwards')} axes={axes} chosen={y} choose={setY} />
        <Choose label={trans.__('Across')} axes={axes} chosen={x} choose={setX} />
      </div>
      <div className="jp-aiinfra-plots-row">
        <Scatter {...props} x={x} y={y} />
        <Parallel {...props} axes={most} />
      </div>
      {most.length < axes.length && (
        <p className="jp-aiinfra-quiet">
          {trans.__('The lines show %1 of %2 parameters and metrics that differ.', most.length, axes.length)}
        </p>
      )}
    </section>
  );
}
