import { useState, type CSSProperties, type JSX } from 'react';

import type { DriftedColumn, DriftReport, DriftSubject } from '../api/schema';
import { useNow } from '../common/now';
import { useRoving } from '../common/roving';
import { absolute, ago, metric } from '../core/format';
import type { IAiinfra } from '../core/tokens';
import { chart, CHART, triangle } from './chart';
import { driftedCount, heat, ranked, ratioOf, ratioText, strength } from './columns';
import { shapeOf, verdict } from './words';

export interface IShow {
  readonly aiinfra: IAiinfra;
  /** As `Intl` wants it. */
  readonly language: string;
  readonly openReport: (report: DriftReport) => void;
  readonly openRun: (id: string) => void;
}

type IProps = IShow & { readonly subject: DriftSubject };

const percent = (share: number, language: string): string =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);

function Verdict({
  drifted,
  aiinfra
}: {
  readonly drifted: boolean;
  readonly aiinfra: IAiinfra;
}): JSX.Element {
  return (
    <span className="jp-aiinfra-verdict" data-drifted={drifted}>
      <span aria-hidden="true">{shapeOf(drifted)}</span> {verdict(drifted, aiinfra.trans)}
    </span>
  );
}

/** `Run 7, 3 Nov 2026, 14:02: Drifted, 54% of 13 columns` */
function told(report: DriftReport, { aiinfra, language }: IShow): string {
  return aiinfra.trans.__(
    'Run %1, %2: %3, %4 of %5 columns',
    report.run,
    absolute(report.time, language),
    verdict(report.drifted, aiinfra.trans),
    percent(report.share, language),
    report.columns.length
  );
}

function ShareChart(props: IProps): JSX.Element {
  const { aiinfra, language, subject, openReport } = props;
  const { trans } = aiinfra;
  const { points, path, levels, times } = chart(subject.reports);
  const { onKeyDown, onFocus, tabIndex } = useRoving(points.length);
  const [looked, setLooked] = useState('');
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <figure>
      <svg
        viewBox={`0 0 ${CHART.width} ${CHART.height}`}
        role="group"
        aria-label={trans.__('Share of drifted columns over time')}
        onKeyDown={onKeyDown}
      >
        <g className="jp-aiinfra-axis" aria-hidden="true">
          {levels.map(({ share, y }) => (
            <g key={share}>
              <line x1={CHART.left} x2={CHART.right} y1={y} y2={y} />
              <text x={CHART.left - 6} y={y} textAnchor="end" dominantBaseline="middle">
                {percent(share, language)}
              </text>
            </g>
          ))}
          {times.map(({ time, x }, i) => (
            <text
              key={time}
              x={x}
              y={CHART.bottom + 20}
              textAnchor={times.length === 1 ? 'middle' : i === 0 ? 'start' : 'end'}
            >
              {day.format(new Date(time * 1000))}
            </text>
          ))}
        </g>
        <path className="jp-aiinfra-drift-line" d={path} aria-hidden="true" />
        {points.map(({ report, x, y }, place) => {
          const text = told(report, props);
          const open = (): void => {
            openReport(report);
          };
          return (
            <g
              key={`${report.run} ${report.step} ${report.file}`}
              role="button"
              className="jp-aiinfra-mark"
              data-drifted={report.drifted}
              data-place={place}
              tabIndex={tabIndex(place)}
              aria-label={text}
              onFocus={() => {
                onFocus(place);
                setLooked(text);
              }}
              onMouseEnter={() => {
                setLooked(text);
              }}
              onClick={open}
              onKeyDown={event => {
                if (event.key === 'Enter' || event.key === ' ') {
                  event.preventDefault();
                  open();
                }
              }}
            >
              {report.drifted ? <path d={triangle(x, y, 7)} /> : <circle cx={x} cy={y} r={6} />}
            </g>
          );
        })}
      </svg>
      <figcaption>
        {looked || trans.__('▲ drifted, ○ not drifted. Arrow keys move among the reports, Enter opens one.')}
      </figcaption>
    </figure>
  );
}

function HeatCell({
  column,
  aiinfra
}: {
  readonly column: DriftedColumn | null;
  readonly aiinfra: IAiinfra;
}): JSX.Element {
  const { trans } = aiinfra;
  if (!column) {
    return (
      <td>
        <span aria-hidden="true">–</span>
        <span className="jp-aiinfra-unseen">{trans.__('not there')}</span>
      </td>
    );
  }
  const ratio = ratioOf(column);
  const style: CSSProperties & { '--jp-aiinfra-strength': string } = {
    '--jp-aiinfra-strength': `${Math.round(strength(column) * 45)}%`
  };
  return (
    <td data-drifted={column.drifted} style={style}>
      {column.drifted && <span aria-hidden="true">{shapeOf(true)} </span>}
      {ratio === null ? trans.__('missing values') : ratioText(ratio)}
      {column.drifted && <span className="jp-aiinfra-unseen"> {verdict(true, trans)}</span>}
    </td>
  );
}

function Heat(props: IProps): JSX.Element {
  const { aiinfra, subject, openReport } = props;
  const { trans } = aiinfra;
  return (
    <div
      className="jp-aiinfra-heat"
      role="region"
      aria-label={trans.__('Columns over time')}
      // It scrolls, so it has to be reached by the keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      <table>
        <caption>{trans.__('Distance of each column, in thresholds: from 1 on it has drifted (▲)')}</caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Column')}</th>
            {subject.reports.map(report => (
              <th scope="col" key={`${report.run} ${report.file}`} title={told(report, props)}>
                <button
                  type="button"
                  className="jp-aiinfra-link"
                  aria-label={trans.__('Open the report of run %1', report.run)}
                  onClick={() => {
                    openReport(report);
                  }}
                >
                  {trans.__('Run %1', report.run)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {heat(subject).map(row => (
            <tr key={row.name}>
              <th scope="row">{row.target ? trans.__('%1 (target)', row.name) : row.name}</th>
              {row.cells.map((column, i) => (
                <HeatCell key={subject.reports[i]?.run} column={column} aiinfra={aiinfra} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Latest(props: IProps & { readonly report: DriftReport }): JSX.Element {
  const { aiinfra, language, report, openReport, openRun } = props;
  const { trans } = aiinfra;
  const now = useNow(60);
  const number = (value: number | null): string => (value === null ? '–' : metric(value));
  return (
    <>
      <div className="jp-aiinfra-view-head">
        <h3>{trans.__('Latest report')}</h3>
        <Verdict drifted={report.drifted} aiinfra={aiinfra} />
        <span>
          {trans._n('%2 of %1 column', '%2 of %1 columns', report.columns.length, driftedCount(report))}
        </span>
        <span title={absolute(report.time, language)}>{ago(report.time, now, language)}</span>
        <button
          type="button"
          className="jp-mod-styled jp-mod-minimal"
          onClick={() => {
            openReport(report);
          }}
        >
          {trans.__('Open report')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-minimal"
          onClick={() => {
            openRun(report.run);
          }}
        >
          {trans.__('Open run %1', report.run)}
        </button>
      </div>
      <table className="jp-aiinfra-drift-columns">
        <caption className="jp-aiinfra-unseen">
          {trans.__('The columns of the latest report, the furthest first')}
        </caption>
        <thead>
          <tr>
            <th scope="col">{trans.__('Column')}</th>
            <th scope="col">{trans.__('Verdict')}</th>
            <th scope="col">{trans.__('In thresholds')}</th>
            <th scope="col">{trans.__('Distance')}</th>
            <th scope="col">{trans.__('Threshold')}</th>
            <th scope="col">{trans.__('Method')}</th>
          </tr>
        </thead>
        <tbody>
          {ranked(report).map(column => {
            const ratio = ratioOf(column);
            return (
              <tr key={column.name}>
                <th scope="row">
                  {column === report.target ? trans.__('%1 (target)', column.name) : column.name}
                </th>
                <td>
                  <Verdict drifted={column.drifted} aiinfra={aiinfra} />
                </td>
                <td>{ratio === null ? '–' : ratioText(ratio)}</td>
                <td>{number(column.distance)}</td>
                <td>{number(column.threshold)}</td>
                <td>{column.method}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}

/** What the reports of one output say. */
export function Subject(props: IProps): JSX.Element {
  const { aiinfra, subject } = props;
  const latest = subject.reports.at(-1);
  return (
    <section className="jp-aiinfra-drift-subject" aria-label={subject.name}>
      <div className="jp-aiinfra-view-head">
        <h3>{aiinfra.trans.__('Share of drifted columns')}</h3>
        <span className="jp-aiinfra-quiet">{aiinfra.trans.__('%1 in %2', subject.name, subject.source)}</span>
      </div>
      <ShareChart {...props} />
      {latest && <Latest {...props} report={latest} />}
      <h3>{aiinfra.trans.__('Columns over time')}</h3>
      <Heat {...props} />
    </section>
  );
}
