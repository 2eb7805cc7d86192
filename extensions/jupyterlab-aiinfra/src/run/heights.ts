/** The heights of many things below each other, most of which were never measured. Pixels. */
export class Heights {
  constructor(
    count: number,
    readonly estimate = 90
  ) {
    this.heights = new Array<number>(count).fill(estimate);
  }

  get count(): number {
    return this.heights.length;
  }

  /** How many there are; those that were measured keep their height. */
  resize(count: number): void {
    const more = Math.max(0, count - this.count);
    this.heights = this.heights.slice(0, count).concat(new Array<number>(more).fill(this.estimate));
    this.tops = null;
  }

  /** Says whether that was new. */
  set(index: number, height: number): boolean {
    if (index >= this.count || this.heights[index] === height) {
      return false;
    }
    this.heights[index] = height;
    this.tops = null;
    return true;
  }

  height(index: number): number {
    return this.heights[index] ?? this.estimate;
  }

  get total(): number {
    return this.sums()[this.count] ?? 0;
  }

  /** Where the thing at `index` begins. */
  top(index: number): number {
    return this.sums()[Math.min(Math.max(0, index), this.count)] ?? 0;
  }

  /** The thing at the height `y`: the first one above all, the last one below all. */
  at(y: number): number {
    const tops = this.sums();
    let [low, high] = [0, Math.max(0, this.count - 1)];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((tops[middle] ?? 0) <= y) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private sums(): readonly number[] {
    if (this.tops === null) {
      let sum = 0;
      this.tops = [0, ...this.heights.map(height => (sum += height))];
    }
    return this.tops;
  }

  private heights: number[];
  private tops: readonly number[] | null = null;
}
