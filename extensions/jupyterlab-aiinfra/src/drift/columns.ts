import type { DriftedColumn, DriftReport, DriftSubject } from '../api/schema';
import { metric } from '../core/format';

/** How far a column has moved, in thresholds: from 1 on is drift. Null when it has no distance. */
export const ratioOf = ({ distance, threshold }: DriftedColumn): number | null =>
  distance === null ? null : threshold > 0 ? distance / threshold : distance > 0 ? Infinity : 0;

/** Drifted ones before others, the furthest first; what has no distance comes after what has. */
const further = (a: DriftedColumn, b: DriftedColumn): number => {
  const [one, other] = [ratioOf(a) ?? -1, ratioOf(b) ?? -1];
  return (
    Number(b.drifted) - Number(a.drifted) || (one === other ? a.name.localeCompare(b.name) : other - one)
  );
};

/** The columns of a report, the furthest first; the target, judged apart, is the last. */
export const ranked = (report: DriftReport): readonly DriftedColumn[] => [
  ...[...report.columns].sort(further),
  ...(report.target ? [report.target] : [])
];

/** A ratio with two digits. */
export function ratioText(ratio: number): string {
  if (!Number.isFinite(ratio)) {
    return '∞';
  }
  return ratio >= 10 || ratio === 0
    ? metric(Math.round(ratio))
    : ratio >= 1
      ? ratio.toFixed(1)
      : ratio.toFixed(2);
}

export interface IHeatRow {
  readonly name: string;
  readonly target: boolean;
  /** For each report; null where the report doesn't have the column. */
  readonly cells: readonly (DriftedColumn | null)[];
}

/** Columns × reports: columns as the latest report ranks them, then those that only older ones have. */
export function heat({ reports }: DriftSubject): IHeatRow[] {
  const latestFirst = [...reports].reverse();
  const targets = new Set(reports.flatMap(report => report.target?.name ?? []));
  const names = new Set(latestFirst.flatMap(report => ranked(report).map(column => column.name)));
  const rows = [...names].map(name => ({
    name,
    target: targets.has(name),
    cells: reports.map(report => ranked(report).find(column => column.name === name) ?? null)
  }));
  return [...rows.filter(row => !row.target), ...rows.filter(row => row.target)];
}

/** How strongly a cell is coloured, 0..1: nothing at no distance, half at the threshold, all at ten times of it. */
export function strength(column: DriftedColumn): number {
  const ratio = ratioOf(column);
  if (ratio === null) {
    return column.drifted ? 1 : 0;
  }
  return ratio <= 1 ? ratio / 2 : Math.min(1, 0.5 + Math.log10(ratio) / 2);
}

/** How many of a report's columns have drifted. */
export const driftedCount = (report: DriftReport): number =>
  report.columns.filter(column => column.drifted).length;
