/** A way from values to places on a line and the marks on that line. */
export interface IScale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
  readonly log: boolean;
}

/** Positive values that span this many times are spread by their logarithm. */
const WIDE = 100;

/** Round numbers from `low` to `high`, about `count` of them, at least `least` apart. */
export function niceTicks(low: number, high: number, count = 5, least = 0): number[] {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) {
    return [low];
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, power * ([1, 2, 5, 10].find(times => times * power >= rough * 0.999) ?? 10));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function decades(low: number, high: number): number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((last - first) / 6));
  const found = [];
  for (let power = first; power <= last; power += every) {
    found.push(Number(`1e${power}`));
  }
  return found;
}

/** The scale for `values` on a line from `start` to `end`. All the same: they are in its middle. */
export function scaleOf(values: readonly number[], start: number, end: number): IScale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0 || low === high) {
    const middle = (start + end) / 2;
    return { place: () => middle, ticks: values.length === 0 ? [] : [low], log: false };
  }
  const log = low > 0 && high / low >= WIDE;
  const bend = log ? Math.log10 : (value: number): number => value;
  const [from, to] = [bend(low), bend(high)];
  return {
    place: value => start + ((bend(value) - from) / (to - from)) * (end - start),
    ticks: log ? decades(low, high) : niceTicks(low, high, 5, values.every(Number.isInteger) ? 1 : 0),
    log
  };
}

/** The scale from `low` to `high`, straight. */
export function linear(low: number, high: number, start: number, end: number): IScale {
  return {
    place: value => start + ((value - low) / (high - low)) * (end - start),
    ticks: niceTicks(low, high, 4),
    log: false
  };
}
