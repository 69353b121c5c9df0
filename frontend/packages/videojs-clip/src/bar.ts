/** The bar: what is recorded, the two markers on it, the playhead, and what lies under the pointer. */
import type { Range } from './clock';
import { element, set, write } from './dom';
import type { Markers, Which } from './markers';
import type { Storyboard, Thumbnail } from './storyboard';
import { momentAt, shareOf } from './view';
import { clockExact, clockOf, inWords } from './words';

/** What the bar shows. */
export interface BarState {
  view: Range;
  markers: Markers;
  recorded: readonly Range[];
  /** The moment of the picture; null while it is not known. */
  now_ms: number | null;
}

export interface BarActs {
  /** A marker is dragged; `done` when it is let go. */
  drag(which: Which, moment_ms: number, done: boolean): void;
  /** The picture of a moment is asked for. */
  seek(moment_ms: number): void;
}

/** Marks on the scale, in seconds: the first that leaves room for its words. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600];
const TICKS_MOST = 5;

export class Bar {
  readonly el: HTMLElement;
  readonly handles: Readonly<Record<Which, HTMLElement>>;
  readonly #track = element('div', { class: 'vjs-clip-track' });
  readonly #recorded = element('div', { class: 'vjs-clip-recorded', 'aria-hidden': 'true' });
  readonly #between = element('div', { class: 'vjs-clip-between' });
  readonly #head = element('div', { class: 'vjs-clip-head' });
  readonly #thumb = element('div', { class: 'vjs-clip-thumb' });
  readonly #time = element('span');
  readonly #flag = element(
    'div',
    { class: 'vjs-clip-flag', hidden: true, 'aria-hidden': 'true' },
    this.#thumb,
    this.#time,
  );
  readonly #scale = element('div', { class: 'vjs-clip-scale', 'aria-hidden': 'true' });
  readonly #acts: BarActs;
  readonly #storyboard: Storyboard | null;
  #state: BarState | null = null;
  /** What is pointed at, in pixels of the page; null while nothing is. */
  #pointed_px: number | null = null;
  #grip: { which: Which | null; off_px: number } | null = null;

  constructor(acts: BarActs, storyboard: Storyboard | null) {
    this.#acts = acts;
    this.#storyboard = storyboard;
    this.handles = { in: handle('in'), out: handle('out') };
    this.#track.append(this.#recorded, this.#between, this.#head, this.handles.in, this.handles.out, this.#flag);
    this.el = element('div', { class: 'vjs-clip-bar' }, this.#track, this.#scale);
    this.#listen();
  }

  /** A marker is in somebody's hand. */
  get held(): boolean {
    return this.#grip !== null;
  }

  show(state: BarState): void {
    const { view, markers, now_ms } = state;
    const moved = this.#state?.view !== view;
    this.#state = state;
    place(this.handles.in, markers.in_ms, view);
    place(this.handles.out, markers.out_ms, view);
    stretch(this.#between, { from_ms: markers.in_ms, to_ms: markers.out_ms }, view);
    this.#head.hidden = now_ms === null || now_ms < view.from_ms || now_ms > view.to_ms;
    if (now_ms !== null) place(this.#head, now_ms, view);
    this.#drawRecorded(state);
    this.#say(state);
    if (moved) this.#drawScale(view);
    // Another moment may be there now, and a thumbnail that was on its way may have come.
    if (this.#pointed_px !== null) this.#point(this.#pointed_px);
  }

  #drawRecorded({ recorded, view }: BarState): void {
    const pieces = this.#recorded.children;
    while (pieces.length > recorded.length) pieces[pieces.length - 1]?.remove();
    while (pieces.length < recorded.length) this.#recorded.append(element('i'));
    recorded.forEach((piece, at) => stretch(pieces[at] as HTMLElement, piece, view));
  }

  #say({ markers, view }: BarState): void {
    const length = inWords(markers.out_ms - markers.in_ms);
    for (const which of ['in', 'out'] as const) {
      const moment_ms = which === 'in' ? markers.in_ms : markers.out_ms;
      const seconds = (value_ms: number) => ((value_ms - view.from_ms) / 1_000).toFixed(2);
      set(this.handles[which], 'aria-valuemin', '0');
      set(this.handles[which], 'aria-valuemax', seconds(view.to_ms));
      set(this.handles[which], 'aria-valuenow', seconds(moment_ms));
      set(this.handles[which], 'aria-valuetext', `${clockExact(moment_ms)}, a clip of ${length}`);
    }
  }

  #drawScale(view: Range): void {
    const length_s = (view.to_ms - view.from_ms) / 1_000;
    const step_ms = (STEPS_S.find((step_s) => length_s / step_s <= TICKS_MOST) ?? 7_200) * 1_000;
    const ticks: HTMLElement[] = [];
    for (let at_ms = Math.ceil(view.from_ms / step_ms) * step_ms; at_ms <= view.to_ms; at_ms += step_ms) {
      const share = shareOf(at_ms, view);
      // At the very ends, words would hang over.
      if (share < 0.04 || share > 0.96) continue;
      const tick = element('span', {}, clockOf(at_ms));
      place(tick, at_ms, view);
      ticks.push(tick);
    }
    this.#scale.replaceChildren(...ticks);
  }

  #listen(): void {
    const track = this.#track;
    track.addEventListener('pointerdown', (event) => this.#press(event));
    track.addEventListener('pointermove', (event) => this.#move(event));
    track.addEventListener('pointerup', (event) => this.#release(event));
    track.addEventListener('pointercancel', () => {
      this.#letGo();
      this.#point(null);
    });
    track.addEventListener('pointerleave', () => !this.#grip && this.#point(null));
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0 || !this.#state) return;
    const which = this.#whichUnder(event);
    const moment_ms = which === null ? null : this.#state.markers[`${which}_ms`];
    const off_px = moment_ms === null ? 0 : event.clientX - this.#pixelOf(moment_ms);
    this.#grip = { which, off_px };
    // Some pointers are gone before they can be held.
    if (event.isTrusted) this.#track.setPointerCapture(event.pointerId);
    set(this.#track, 'data-held', which ?? 'picture');
    if (which) this.handles[which].focus({ preventScroll: true });
    event.preventDefault();
    this.#point(this.#heldAt(event));
  }

  #move(event: PointerEvent): void {
    // A finger that only passes by is on its way down the page.
    if (!this.#grip && event.pointerType === 'touch') return;
    const at_px = this.#heldAt(event);
    if (this.#grip?.which) this.#acts.drag(this.#grip.which, this.#momentOf(at_px), false);
    this.#point(at_px);
  }

  #release(event: PointerEvent): void {
    if (!this.#grip) return;
    const { which } = this.#grip;
    const moment_ms = this.#momentOf(this.#heldAt(event));
    this.#letGo();
    if (which) this.#acts.drag(which, moment_ms, true);
    else this.#acts.seek(moment_ms);
    this.#point(event.pointerType === 'touch' ? null : event.clientX);
  }

  #letGo(): void {
    this.#grip = null;
    set(this.#track, 'data-held', null);
  }

  #whichUnder(event: PointerEvent): Which | null {
    const under = event.target instanceof Element ? event.target.closest('.vjs-clip-handle') : null;
    if (under === this.handles.in) return 'in';
    return under === this.handles.out ? 'out' : null;
  }

  /** A marker is held where it was taken, which is hardly ever its very middle. */
  #heldAt(event: PointerEvent): number {
    return event.clientX - (this.#grip?.off_px ?? 0);
  }

  #momentOf(at_px: number): number {
    const { left, width } = this.#track.getBoundingClientRect();
    return momentAt((at_px - left) / (width || 1), (this.#state as BarState).view);
  }

  #pixelOf(moment_ms: number): number {
    const { left, width } = this.#track.getBoundingClientRect();
    return left + shareOf(moment_ms, (this.#state as BarState).view) * width;
  }

  #point(at_px: number | null): void {
    this.#pointed_px = at_px;
    this.#flag.hidden = at_px === null;
    if (at_px === null || !this.#state) return;
    const moment_ms = this.#momentOf(at_px);
    write(this.#time, clockExact(moment_ms));
    picture(this.#thumb, this.#storyboard?.(moment_ms) ?? null);
    place(this.#flag, moment_ms, this.#state.view);
    // The flag leans away from the bar's ends.
    this.#flag.style.setProperty('--lean', `${-100 * shareOf(moment_ms, this.#state.view)}%`);
  }
}

function handle(which: Which): HTMLElement {
  const name = which === 'in' ? 'Beginning of the clip' : 'End of the clip';
  const keys = which === 'in' ? 'I' : 'O';
  const attributes = { role: 'slider', tabindex: '0', 'aria-label': name, 'aria-keyshortcuts': keys };
  return element('div', { class: `vjs-clip-handle vjs-clip-${which}`, ...attributes }, element('i'));
}

function place(target: HTMLElement, moment_ms: number, view: Range): void {
  target.style.setProperty('left', `${(shareOf(moment_ms, view) * 100).toFixed(3)}%`);
}

function stretch(target: HTMLElement, { from_ms, to_ms }: Range, view: Range): void {
  const [left, right] = [shareOf(from_ms, view) * 100, shareOf(to_ms, view) * 100];
  target.style.setProperty('left', `${left.toFixed(3)}%`);
  target.style.setProperty('width', `${(right - left).toFixed(3)}%`);
}

function picture(target: HTMLElement, thumbnail: Thumbnail | null): void {
  target.hidden = thumbnail === null;
  if (!thumbnail) return;
  target.style.setProperty('width', `${thumbnail.width}px`);
  target.style.setProperty('height', `${thumbnail.height}px`);
  const { src, x, y } = thumbnail;
  target.style.setProperty('background', `url(${JSON.stringify(src)}) -${x}px -${y}px`);
}
