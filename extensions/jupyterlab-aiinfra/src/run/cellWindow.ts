import { Heights } from './heights';

/** Pixels above and below what is seen that are drawn, too. */
const AROUND = 600;
/** Pixels that stay free below a cell that is followed. */
const ROOM = 80;

/** What people scroll with, and the milliseconds after it in which scrolling is theirs. */
const HANDS = ['wheel', 'touchmove', 'keydown', 'pointerdown', 'pointermove'] as const;
const BY_HAND = 800;

export type Range = readonly [first: number, last: number];

/**
 * Of many cells below each other, those that can be seen.
 *
 * The others are two spaces, above and below. What is looked at stays where it is when heights become known.
 */
export class CellWindow {
  constructor(
    private readonly box: HTMLElement,
    private readonly above: HTMLElement,
    private readonly below: HTMLElement,
    private readonly told: (range: Range) => void
  ) {
    this.observer = new ResizeObserver(entries => {
      this.measure(entries);
    });
    this.observer.observe(box);
    box.addEventListener('scroll', this.scrolled, { passive: true });
    HANDS.forEach(name => {
      box.addEventListener(name, this.touched, { passive: true });
    });
  }

  /** The cell whose end is kept in sight. */
  followed: number | null = null;
  /** Called when a person has scrolled. */
  byHand: () => void = () => undefined;

  set count(count: number) {
    if (count !== this.heights.count) {
      this.heights.resize(count);
      this.update();
    }
  }

  dispose(): void {
    this.observer.disconnect();
    this.box.removeEventListener('scroll', this.scrolled);
    HANDS.forEach(name => {
      this.box.removeEventListener(name, this.touched);
    });
  }

  /** The cells in the document are those of `range`: keep room for the others. */
  place(range: Range, cells: Iterable<Element>): void {
    this.range = range;
    this.observer.disconnect();
    this.observer.observe(this.box);
    for (const cell of cells) {
      this.observer.observe(cell);
    }
    this.hold();
  }

  /** Bring the cell at `place` to the top. */
  reveal(place: number): void {
    this.anchor = { index: place, within: place === 0 ? 0 : -12 };
    this.hold();
    this.update();
  }

  /** Whether the end of the cell at `place` is seen. */
  sees(place: number): boolean {
    const end = this.heights.top(place) + this.heights.height(place);
    return end >= this.box.scrollTop - 4 && end <= this.box.scrollTop + this.box.clientHeight + 4;
  }

  /** Follow what `followed` says now. */
  readonly hold = (): void => {
    const [first, last] = this.range;
    this.above.style.height = `${this.heights.top(first)}px`;
    this.below.style.height = `${Math.max(0, this.heights.total - this.heights.top(last + 1))}px`;
    const follow = this.followed;
    const wish =
      follow !== null
        ? this.heights.top(follow) + this.heights.height(follow) - this.box.clientHeight + ROOM
        : this.heights.top(this.anchor.index) + this.anchor.within;
    if (Math.abs(this.box.scrollTop - wish) > 1) {
      this.box.scrollTop = Math.max(0, wish);
    }
    if (follow !== null) {
      this.settle();
    }
  };

  private readonly touched = (event: Event): void => {
    if (!(event instanceof PointerEvent) || event.buttons !== 0) {
      this.touchedAt = Date.now();
    }
  };

  private readonly scrolled = (): void => {
    this.settle();
    this.update();
    if (Date.now() - this.touchedAt < BY_HAND) {
      this.byHand();
    }
  };

  private settle(): void {
    const top = this.box.scrollTop;
    const next = this.heights.at(top) + 1;
    // The first one whose beginning is seen: what is above it may turn out to be taller than was thought.
    const begins =
      top > 0 && next < this.heights.count && this.heights.top(next) < top + this.box.clientHeight;
    const index = begins ? next : next - 1;
    this.anchor = { index, within: top - this.heights.top(index) };
  }

  private measure(entries: readonly ResizeObserverEntry[]): void {
    let changed = false;
    for (const { target } of entries) {
      const place = target.getAttribute('data-place');
      if (place !== null) {
        changed = this.heights.set(Number(place), target.getBoundingClientRect().height) || changed;
      }
    }
    if (changed) {
      this.hold();
    }
    this.update();
  }

  private update(): void {
    const top = this.box.scrollTop;
    const first = this.heights.at(top - AROUND);
    const last = this.heights.at(top + this.box.clientHeight + AROUND);
    if (this.heights.count > 0 && this.box.clientHeight > 0) {
      this.told([first, last]);
    }
  }

  private readonly heights = new Heights(0);
  private readonly observer: ResizeObserver;
  private touchedAt = 0;
  private range: Range = [0, -1];
  private anchor = { index: 0, within: 0 };
}
