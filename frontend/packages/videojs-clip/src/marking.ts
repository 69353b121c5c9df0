/** The markers of one clip that is being chosen, with what bounds them and what the bar shows of them. */
import { type ClipClock, type Range, type Recorded, within } from './clock';
import { type Bounds, type Markers, move, type Moved, put, type Stop, suggest, type Which } from './markers';
import { type Note, noteOn } from './notes';
import type { Limits } from './options';
import { fits, viewOf } from './view';

const SUGGEST_S = 30;
const SHORTEST_S = 1;
const AHEAD_S = 30;

export class Marking {
  markers: Markers;
  /** What the bar shows. Another object is another stretch. */
  view: Range;
  /** What can be marked, as it was last known. */
  range: Recorded;
  #stop: Stop | null = null;
  readonly #clock: ClipClock;
  readonly #limits: Limits;

  /** Begins with markers around what was just seen. */
  constructor(clock: ClipClock, limits: Limits, range: Recorded, now_ms: number, suggest_s = SUGGEST_S) {
    this.#clock = clock;
    this.#limits = limits;
    this.range = range;
    this.markers = suggest(Math.min(now_ms, range.to_ms), suggest_s * 1_000, this.#bounds);
    this.view = viewOf(this.markers, this.#bounds);
  }

  /** Takes in how far live has come. */
  refresh(): void {
    this.range = this.#clock.range() ?? this.range;
  }

  at(which: Which): number {
    return this.markers[`${which}_ms`];
  }

  /** Puts a marker at a moment; the other comes along where it must. */
  put(which: Which, moment_ms: number): void {
    this.#take(put(which, moment_ms, this.markers, this.#bounds));
  }

  /** Sets a marker to the beginning of the frame that is shown for it; the other comes along where it must. */
  snap(which: Which, moment_ms: number): void {
    this.markers = put(which, moment_ms, this.markers, this.#bounds).markers;
  }

  /** Moves a marker as far as it can while the other stays. */
  move(which: Which, by_ms: number): void {
    this.#take(move(which, this.at(which) + by_ms, this.markers, this.#bounds));
  }

  /** Gives the markers room on the bar, where they have too little or far too much. */
  refit(): void {
    if (!fits(this.view, this.markers, this.#bounds)) this.view = viewOf(this.markers, this.#bounds);
  }

  /** What there is to say; null where there is nothing. */
  get note(): Note | null {
    const { in_ms: from_ms, out_ms: to_ms } = this.markers;
    const { to_ms: edge_ms, live } = this.range;
    const recorded = this.recorded({ from_ms, to_ms });
    return noteOn({ markers: this.markers, bounds: this.#bounds, edge_ms, live, recorded, stop: this.#stop });
  }

  /** What is recorded of a stretch, oldest first. */
  recorded(stretch: Range): Range[] {
    const there = within([this.range], stretch);
    return there.flatMap((piece) => (this.#clock.recorded ? within(this.#clock.recorded(piece), piece) : [piece]));
  }

  /** What can be played of the clip: as far as it has happened; null while it has not begun. */
  get playable(): Markers | null {
    const { in_ms, out_ms } = this.markers;
    return in_ms < this.range.to_ms ? { in_ms, out_ms: Math.min(out_ms, this.range.to_ms) } : null;
  }

  #take({ markers, stop }: Moved): void {
    this.markers = markers;
    this.#stop = stop;
  }

  get #bounds(): Bounds {
    const { max_s, min_s = SHORTEST_S, ahead_s = AHEAD_S } = this.#limits;
    const { from_ms, to_ms, live } = this.range;
    const latest_ms = to_ms + (live ? ahead_s * 1_000 : 0);
    return { from_ms, to_ms: latest_ms, shortest_ms: min_s * 1_000, longest_ms: max_s * 1_000 };
  }
}
