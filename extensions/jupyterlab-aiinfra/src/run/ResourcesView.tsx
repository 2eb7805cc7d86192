import { useEffect, useState, type JSX } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Client } from '../api/client';
import { asProblem, type ProblemError } from '../api/problem';
import type { Samples, Step } from '../api/schema';
import { ProblemView } from '../common/ProblemView';
import { linear } from '../common/scale';
import { bytes, duration, hasEnded } from '../core/format';
import { charts, highest, line, mean, upright, type IChart } from './samples';

const [WIDTH, HEIGHT] = [720, 160];
const [LEFT, RIGHT, TOP, BOTTOM] = [76, 12, 10, 24];
/** Milliseconds between two looks at a step that runs. */
const PACE = 3000;

interface IChartProps {
  readonly chart: IChart;
  readonly times: readonly number[];
  readonly trans: TranslationBundle;
}

const say = (chart: IChart, value: number): string =>
  chart.unit === 'bytes' ? bytes(value) : `${Math.round(value)} %`;

function Chart({ chart, times, trans }: IChartProps): JSX.Element {
  const first = times[0] ?? 0;
  const last = Math.max(times[times.length - 1] ?? 0, first + 1);
  const x = linear(0, last - first, LEFT, WIDTH - RIGHT);
  const y = upright(chart, HEIGHT - BOTTOM, TOP);
  const told = chart.series.map(({ name, values }) => {
    const [most, average] = [say(chart, highest(values)), say(chart, mean(values) ?? 0)];
    return name === chart.title
      ? trans.__('highest %1, mean %2', most, average)
      : trans.__('%1: highest %2, mean %3', name, most, average);
  });
  return (
    <figure className="jp-aiinfra-chart">
      <figcaption>
        {chart.title}
        <span>{told.join(' · ')}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={[chart.title, ...told].join('. ')}>
        {y.ticks.map(tick => (
          <g key={tick} transform={`translate(0 ${y.place(tick)})`}>
            <line x1={LEFT} x2={WIDTH - RIGHT} />
            <text x={LEFT - 8} dy="0.32em" textAnchor="end">
              {say(chart, tick)}
            </text>
          </g>
        ))}
        {x.ticks.map(tick => (
          <text key={tick} x={x.place(tick)} y={HEIGHT - 6} textAnchor="middle">
            {duration(tick)}
          </text>
        ))}
        {chart.series.map((series, at) => (
          <path
            key={series.name + String(at)}
            data-series={at % 4}
            d={line(times, series.values, time => x.place(time - first), y.place)}
          />
        ))}
      </svg>
    </figure>
  );
}

function Table(props: {
  readonly all: readonly IChart[];
  readonly times: readonly number[];
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { all, times, trans } = props;
  const first = times[0] ?? 0;
  return (
    <table className="jp-aiinfra-run-table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Time')}</th>
          {all.flatMap(chart =>
            chart.series.map((series, at) => (
              <th scope="col" key={`${chart.title} ${at}`}>
                {series.name === chart.title ? chart.title : trans.__('%1, %2', chart.title, series.name)}
              </th>
            ))
          )}
        </tr>
      </thead>
      <tbody>
        {times.map((time, row) => (
          <tr key={time}>
            <td>{duration(time - first)}</td>
            {all.flatMap(chart =>
              chart.series.map((series, at) => {
                const value = series.values[row] ?? null;
                return <td key={`${chart.title} ${at}`}>{value === null ? '–' : say(chart, value)}</td>;
              })
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a step took of the machine, over time: as charts, or as a table. */
export function ResourcesView(props: {
  readonly client: Client;
  readonly run: string;
  readonly step: Step;
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { client, run, step, trans } = props;
  const [samples, setSamples] = useState<Samples | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [isTable, setTable] = useState(false);
  const [tries, setTries] = useState(0);
  const ended = hasEnded(step.state);

  useEffect(() => {
    let current = true;
    let timer = 0;
    const ask = async (): Promise<void> => {
      try {
        const answer = await client.samples(run, step.name);
        if (current) {
          setSamples(answer);
          setProblem(null);
        }
      } catch (error) {
        if (current) {
          setProblem(asProblem(error));
        }
      }
      if (current && !ended) {
        timer = window.setTimeout(() => void ask(), PACE);
      }
    };
    void ask();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [client, run, step.name, ended, tries]);

  const titles = {
    cpu: trans.__('CPU (100 % is one core)'),
    memory: trans.__('Memory'),
    gpu: trans.__('GPU'),
    gpuMemory: trans.__('GPU memory')
  };
  const all = samples ? charts(samples, titles) : [];
  return (
    <div className="jp-aiinfra-scroll">
      {problem && (
        <ProblemView
          error={problem}
          trans={trans}
          retry={() => {
            setTries(tries + 1);
          }}
        />
      )}
      {samples && all.length === 0 && (
        <p className="jp-aiinfra-run-empty">
          {ended
            ? trans.__('Nothing was measured: the step was too short.')
            : trans.__('The first measurements come a few seconds after the first cell.')}
        </p>
      )}
      {all.length > 0 && samples && (
        <>
          <label className="jp-aiinfra-toggle">
            <input
              type="checkbox"
              checked={isTable}
              onChange={event => {
                setTable(event.target.checked);
              }}
            />
            {trans.__('Show as a table')}
          </label>
          {isTable ? (
            <Table all={all} times={samples.times} trans={trans} />
          ) : (
            all.map(chart => <Chart key={chart.title} chart={chart} times={samples.times} trans={trans} />)
          )}
        </>
      )}
    </div>
  );
}
