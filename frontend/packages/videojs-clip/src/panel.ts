/** The panel: readouts, the bar, what there is to say, and the form; or, in their place, how the making stands. */
import { Bar, type BarActs, type BarState } from './bar';
import { button, element, set, write } from './dom';
import { icon } from './icons';
import type { Stage } from './making';
import type { Which } from './markers';
import type { Note } from './notes';
import type { Limits, Refusal } from './options';
import { outcome } from './outcome';
import type { Storyboard } from './storyboard';
import type { Mode } from './transport';
import { clockExact, inWords, lengthOf } from './words';

/** All that the panel shows. */
export interface PanelState extends BarState {
  note: Note | null;
  previewing: boolean;
  /** There is something to preview. */
  playable: boolean;
}

/** All that can be done with it. */
export interface PanelActs extends BarActs {
  mark(which: Which): void;
  /** Moves a marker by one frame. */
  nudge(which: Which, frames: number): void;
  preview(): void;
  make(): void;
  leave(): void;
  retry(): void;
  another(): void;
}

const TITLE_MOST = 120;

const MODES: { mode: Mode; name: string; text: string }[] = [
  { mode: 'accurate', name: 'Exact', text: 'begins and ends on these very frames, takes a moment longer' },
  { mode: 'fast', name: 'Fast', text: 'ready at once, may begin a few seconds earlier' },
];

export class Panel {
  readonly el: HTMLElement;
  readonly bar: Bar;
  readonly #times: Record<Which, HTMLElement> = { in: time(), out: time() };
  readonly #length = element('span', { class: 'vjs-clip-length' });
  readonly #note = element('p', { class: 'vjs-clip-note' });
  readonly #form = element('form', { class: 'vjs-clip-form', novalidate: true });
  readonly #outcome = element('div', { class: 'vjs-clip-outcome', tabindex: '-1' });
  /** The one place that screen readers read out by themselves. */
  readonly #said = element('p', { class: 'vjs-clip-hidden', role: 'status' });
  /** What the note that was read out last is about. */
  #about: Note['about'] | null = null;
  readonly #preview = button('vjs-clip-button', { icon: icon('repeat'), text: 'Preview', key: 'P' });
  readonly #make = element(
    'button',
    { type: 'submit', class: 'vjs-clip-button vjs-clip-main' },
    icon('scissors'),
    'Make the clip',
  );
  readonly #title = element('input', {
    type: 'text',
    name: 'title',
    maxlength: String(TITLE_MOST),
    autocomplete: 'off',
    placeholder: 'Title (optional)',
    'aria-label': 'Title of the clip',
  });
  readonly #acts: PanelActs;

  constructor(acts: PanelActs, limits: Limits, mode: Mode, storyboard: Storyboard | null) {
    this.#acts = acts;
    this.bar = new Bar(acts, storyboard);
    const close = button('vjs-clip-close', { icon: icon('close', 18), name: 'Leave without a clip' });
    close.addEventListener('click', () => acts.leave());
    this.#fillForm(limits, mode);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      acts.make();
    });
    const parts = [close, this.#form, this.#outcome, this.#said];
    this.el = element('section', { class: 'vjs-clip', 'aria-label': 'Make a clip' }, ...parts);
    this.stage({ is: 'idle' });
  }

  get title(): string {
    return this.#title.value.trim();
  }

  get mode(): Mode {
    return (this.#form.querySelector<HTMLInputElement>('input:checked')?.value ?? 'accurate') as Mode;
  }

  show(state: PanelState): void {
    const { markers, note, previewing, playable } = state;
    this.bar.show(state);
    write(this.#times.in, clockExact(markers.in_ms));
    write(this.#times.out, clockExact(markers.out_ms));
    write(this.#length, lengthOf(markers.out_ms - markers.in_ms));
    write(this.#note, note?.text ?? '');
    set(this.#note, 'data-kind', note?.kind ?? null);
    set(this.#preview, 'aria-pressed', String(previewing));
    this.#preview.disabled = !playable;
    this.#make.disabled = note?.kind === 'stop';
    this.#readOut(note);
  }

  /** Once: what only counts down would be read out every second. */
  #readOut(note: Note | null): void {
    const about = note?.about ?? null;
    if (about === this.#about || this.#form.hidden) return;
    this.#about = about;
    write(this.#said, note?.text ?? '');
  }

  /** Shows how the making stands, in place of the form. The focus stays in the panel if it was in it. */
  stage(stage: Stage): void {
    const { activeElement } = document;
    const inside = this.el.contains(activeElement);
    const before = this.#outcome.hidden;
    this.#form.hidden = stage.is !== 'idle';
    // The next clip is another one.
    if (stage.is === 'ready') this.#title.value = '';
    this.#outcome.hidden = stage.is === 'idle';
    const { said } = outcome(this.#outcome, stage, this.#acts);
    write(this.#said, said);
    if (!inside) return;
    if (stage.is === 'idle') this.bar.handles.in.focus({ preventScroll: true });
    else if (before || !activeElement?.isConnected) this.#outcome.focus({ preventScroll: true });
  }

  /** Says why no clip can be made here. */
  refuse({ text, action }: Refusal): void {
    const link = action
      ? [element('a', { class: 'vjs-clip-button vjs-clip-main', href: action.href }, action.label)]
      : [];
    const words = element('p', { class: 'vjs-clip-note', role: 'alert' }, text);
    this.#form.replaceChildren(words, element('div', { class: 'vjs-clip-acts' }, ...link));
    set(this.#form, 'class', 'vjs-clip-form vjs-clip-refused');
  }

  #fillForm(limits: Limits, mode: Mode): void {
    const readouts = element('div', { class: 'vjs-clip-times' });
    const limit = element('span', { class: 'vjs-clip-quiet' }, `of at most ${inWords(limits.max_s * 1_000)}`);
    const length = element('span', { class: 'vjs-clip-span' }, this.#length, limit);
    readouts.append(this.#readout('in', 'In'), length, this.#readout('out', 'Out'));
    this.#preview.addEventListener('click', () => this.#acts.preview());
    const acts = element('div', { class: 'vjs-clip-acts' }, this.#preview, this.#make);
    const row = element('div', { class: 'vjs-clip-row' }, this.#title, choice(mode), acts);
    this.#form.append(readouts, this.bar.el, this.#note, row, help());
  }

  #readout(which: Which, name: string): HTMLElement {
    const nudge = (by: number, says: 'earlier' | 'later') => {
      const made = button('vjs-clip-nudge', { icon: icon(says), name: `${name} marker one frame ${says}` });
      made.addEventListener('click', () => this.#acts.nudge(which, by));
      return made;
    };
    const mark = button('vjs-clip-mark', { text: name, key: name.charAt(0) });
    set(mark, 'aria-label', `Set the ${which} marker at the picture`);
    mark.addEventListener('click', () => this.#acts.mark(which));
    const parts = [mark, nudge(-1, 'earlier'), this.#times[which], nudge(1, 'later')];
    return element('span', { class: 'vjs-clip-readout' }, ...parts);
  }
}

/** When a marker is; sliders say it themselves. */
function time(): HTMLElement {
  return element('span', { class: 'vjs-clip-time' });
}

let groups = 0;

/** Fast or accurate, in plain words. */
function choice(chosen: Mode): HTMLElement {
  const name = `vjs-clip-mode-${(groups += 1)}`;
  const options = MODES.map(({ mode, name: called, text }) => {
    const input = element('input', { type: 'radio', name, value: mode, checked: mode === chosen });
    const words = element('span', {}, element('b', {}, called), ' ', element('small', {}, text));
    return element('label', {}, input, words);
  });
  return element(
    'fieldset',
    { class: 'vjs-clip-modes' },
    element('legend', { class: 'vjs-clip-hidden' }, 'How to cut'),
    ...options,
  );
}

function help(): HTMLElement {
  const key = (name: string) => element('kbd', {}, name);
  return element(
    'p',
    { class: 'vjs-clip-help' },
    ...[key('I'), ' and ', key('O'), ' set the markers, ', key('←'), key('→'), ' move by a frame, with '],
    ...[key('Shift'), ' by a second, ', key('Enter'), ' makes the clip, ', key('Esc'), ' leaves.'],
  );
}
