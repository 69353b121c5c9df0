/** Making clips of what a player plays: takes keys and pointers, leads the picture, and tells the panel what to show. */
import type { Recorded } from './clock';
import { Frames } from './frames';
import { type Command, commandOf, type Target } from './keys';
import { Making, type Stage } from './making';
import type { Markers, Which } from './markers';
import { Marking } from './marking';
import type { ClipOptions, Player, Refusal } from './options';
import { Panel, type PanelActs } from './panel';
import { Preview } from './preview';
import { apiTransport, type ClipTransport } from './transport';

/** Often enough for a playhead and a live edge that move. */
const REFRESH_MS = 250;
/** A marker on its way fetches no picture of every place it passes. */
const REST_MS = 140;
/** Exactly at a frame's beginning, rounding would show the one before; and date-times are whole milliseconds. */
const INTO_FRAME_MS = 5;
/** A place that moves with each attempt is good enough after these. */
const CORRECTIONS = 3;
/** A picture this far from where it is led was taken elsewhere by somebody else. */
const ASTRAY_MS = 3_000;
/** What moves the playhead, or what is known of it. */
const EVENTS = ['timeupdate', 'seeking', 'seeked', 'loadeddata'];

/** What there is while markers can be set. */
interface Session {
  panel: Panel;
  marking: Marking;
  frames: Frames;
  preview: Preview;
  timer: ReturnType<typeof setInterval>;
}

/** A picture on its way. */
interface Led {
  goal_ms: number;
  /** The marker there, if any. */
  which: Which | null;
  /** How often it had to be led there anew. */
  corrections: number;
}

export class Clipping {
  #session: Session | null = null;
  /** What is shown: the session's panel, or one that says why there can be none. */
  #panel: Panel | null = null;
  /** Where the focus was before. */
  #before: Element | null = null;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** Where the picture is led, until it is known to be there. */
  #led: Led | null = null;
  /** The picture was led away from where the viewer had left it. */
  #moved = false;
  readonly #making: Making;
  readonly #life = new AbortController();
  readonly #player: Player;
  readonly #options: ClipOptions;
  readonly #onopen: (open: boolean) => void;

  /** `onopen` is told whether the panel is shown. */
  constructor(player: Player, options: ClipOptions, onopen: (open: boolean) => void) {
    this.#player = player;
    this.#options = options;
    this.#onopen = onopen;
    this.#making = new Making(transportOf(options), {
      onchange: (stage) => this.#onstage(stage),
      onasked: (clip) => options.onasked?.(clip),
    });
    const { signal } = this.#life;
    // Before Video.js, which would take the keys for its own.
    (player.el() as HTMLElement).addEventListener('keydown', this.#onkeydown, { capture: true, signal });
    player.on('fullscreenchange', this.#place);
  }

  /** The panel is shown. */
  get open(): boolean {
    return this.#panel !== null;
  }

  /** Where the markers stand; null while none do. */
  get markers(): Markers | null {
    return this.#session?.marking.markers ?? null;
  }

  /** Shows the panel with markers around what was just seen, or says why there can be none. */
  show(): void {
    if (this.open) return;
    const { clock, refusal, onopen } = this.#options;
    const range = clock.range();
    const refused = refusal?.() ?? (range ? null : NOTHING_YET);
    this.#before = document.activeElement;
    this.#moved = false;
    if (refused || !range) this.#refuse(refused ?? NOTHING_YET);
    else this.#begin(range);
    this.#player.addClass('vjs-clipping');
    this.#panel?.el.addEventListener('keydown', this.#onpanelkey);
    this.#place();
    this.#refresh();
    this.#onopen(true);
    this.#panel?.el.scrollIntoView?.({ block: 'nearest' });
    if (this.#session) onopen?.();
  }

  /** The same, with the focus on the first marker. */
  showFocused(): void {
    this.show();
    const refused = () =>
      this.#panel?.el.querySelector<HTMLElement>('form a') ?? this.#panel?.el.querySelector('button');
    const first = this.#session?.panel.bar.handles.in ?? refused();
    first?.focus({ preventScroll: true });
  }

  /** Takes the panel away. A clip that is being made is made all the same. */
  leave(): void {
    const panel = this.#panel?.el;
    if (!panel) return;
    const inside = panel.contains(document.activeElement);
    this.#end();
    panel.remove();
    this.#player.removeClass('vjs-clipping');
    this.#onopen(false);
    this.#options.onclose?.({ moved: this.#moved });
    const back = this.#before?.isConnected ? this.#before : this.#player.el();
    if (inside && back instanceof HTMLElement) back.focus({ preventScroll: true });
    this.#before = null;
  }

  /** Takes back everything that was begun. */
  dispose(): void {
    this.leave();
    this.#making.dispose();
    this.#life.abort();
    this.#player.off('fullscreenchange', this.#place);
  }

  /** Puts a marker where the picture is. */
  mark(which: Which): void {
    this.show();
    const now_ms = this.#now_ms();
    if (now_ms === null) return;
    const session = this.#session;
    if (!session) return;
    session.marking.put(which, now_ms);
    // The frame may not have been told of yet.
    this.#led = { goal_ms: session.marking.at(which), which, corrections: this.#led?.corrections ?? CORRECTIONS };
    this.#refit();
  }

  /** Asks for the clip between the markers. */
  make(): void {
    const session = this.#session;
    if (!session || session.marking.note?.kind === 'stop') return;
    session.preview.stop();
    const { title, mode } = session.panel;
    const [start, end] = [iso(session.marking.at('in')), iso(session.marking.at('out'))];
    this.#making.make({ start, end, mode, ...(title && { title }) });
  }

  #begin(range: Recorded): void {
    const { limits, clock, suggest_s, mode = 'accurate', storyboard = null } = this.#options;
    const video = this.#player.el().querySelector('video') as HTMLVideoElement;
    const frames = new Frames(video, () => this.#session?.preview.watch());
    const marking = new Marking(clock, limits, range, clock.clockAt(frames.at_s) ?? range.to_ms, suggest_s);
    const panel = new Panel(this.#acts(), limits, mode, storyboard);
    const preview = new Preview(this.#player, {
      now_ms: () => this.#now_ms(),
      markers: () => marking.playable,
      show: (moment_ms) => this.#seek(moment_ms),
      onchange: this.#refresh,
    });
    this.#session = { panel, marking, frames, preview, timer: setInterval(this.#refresh, REFRESH_MS) };
    this.#panel = panel;
    this.#player.on(EVENTS, this.#refresh);
  }

  #refuse(refusal: Refusal): void {
    this.#panel = new Panel(this.#acts(), this.#options.limits, 'accurate', null);
    this.#panel.refuse(refusal);
  }

  #end(): void {
    clearTimeout(this.#rest);
    if (this.#session) {
      clearInterval(this.#session.timer);
      this.#session.frames.dispose();
      this.#session.preview.dispose();
      this.#player.off(EVENTS, this.#refresh);
    }
    this.#session = null;
    this.#panel = null;
    this.#led = null;
    this.#making.dispose();
  }

  /** The panel stands beside the player where there is room for it, and over the picture in full screen. */
  readonly #place = (): void => {
    const panel = this.#panel?.el;
    if (!panel) return;
    const { host } = this.#options;
    const over = !host || this.#player.isFullscreen() === true;
    const goal = over ? (this.#player.el() as HTMLElement) : host;
    panel.classList.toggle('vjs-clip-over', over);
    if (panel.parentElement === goal) return;
    const { activeElement } = document;
    const inside = panel.contains(activeElement);
    goal.append(panel);
    // What is taken out of the page loses it.
    if (inside) (activeElement as HTMLElement).focus({ preventScroll: true });
  };

  #acts(): PanelActs {
    return {
      drag: (which, moment_ms, done) => this.#step(which, moment_ms - this.#at(which), done ? 0 : REST_MS),
      seek: (moment_ms) => this.#lead(moment_ms),
      mark: (which) => this.mark(which),
      nudge: (which, frames) => this.#step(which, frames * this.#frame_ms()),
      preview: () => this.#preview(),
      make: () => this.make(),
      leave: () => this.leave(),
      retry: () => this.#making.retry(),
      another: () => this.#making.reset(),
    };
  }

  #onstage(stage: Stage): void {
    this.#session?.panel.stage(stage);
    this.#refresh();
  }

  readonly #onkeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    const panel = this.#session ? 'marking' : this.open ? 'refusing' : 'away';
    const command = commandOf(event, targetOf(event, this.#player.el()), panel);
    const leaves = command?.do === 'leave' || command?.do === 'open';
    // While a clip is made there are no markers to move.
    if (!command || (this.#making.stage.is !== 'idle' && !leaves)) return;
    this.#do(command, event.target);
    event.preventDefault();
    event.stopPropagation();
  };

  /** Over the picture, what is pressed in the panel is no key of the player. */
  readonly #onpanelkey = (event: KeyboardEvent): void => {
    this.#onkeydown(event);
    if (targetOf(event, this.#player.el()) !== 'picture') event.stopPropagation();
  };

  #do(command: Command, target: EventTarget | null): void {
    if (command.do === 'open') return this.open ? this.leave() : this.showFocused();
    if (command.do === 'mark') return this.mark(command.which);
    if (command.do === 'leave') return this.leave();
    if (command.do === 'make') return this.make();
    if (command.do === 'preview') return this.#preview();
    if (command.do === 'pause') return this.#pause();
    const by_ms = command.by * (command.unit === 'frame' ? this.#frame_ms() : 1_000);
    const handles = this.#session?.panel.bar.handles;
    if (handles?.in === target) this.#step('in', by_ms);
    else if (handles?.out === target) this.#step('out', by_ms);
    else this.#lead((this.#now_ms() ?? 0) + by_ms);
  }

  #preview(): void {
    this.#leaveMarker();
    this.#refit();
    this.#session?.preview.toggle();
  }

  #pause(): void {
    if (this.#player.paused()) void this.#player.play()?.catch(() => undefined);
    else this.#player.pause();
  }

  /** Moves a marker, and shows the picture under it once it rests. */
  #step(which: Which, by_ms: number, rest_ms = REST_MS): void {
    const session = this.#session;
    if (!session) return;
    session.preview.stop();
    this.#led = null;
    session.marking.move(which, by_ms);
    this.#refresh();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#refit();
      this.#lead(this.#at(which), which);
    }, rest_ms);
  }

  /** Whoever leads the picture elsewhere does not want it back where a marker was just moved. */
  #leaveMarker(): void {
    clearTimeout(this.#rest);
    this.#led = null;
  }

  /** Once the frame under a marker is there, its beginning is where the marker stands: what is seen is what is cut. */
  #snap({ marking, frames, preview }: Session): void {
    if (preview.isLeft) this.#led = null;
    const led = this.#led;
    const shown_s = led && preview.goal_ms === null ? frames.rests_s : null;
    const shown_ms = shown_s === null ? null : this.#options.clock.clockAt(shown_s);
    if (led === null || shown_ms === null) return;
    const off_ms = led.goal_ms - shown_ms;
    // That which was asked for, give or take what date-times are rounded by.
    const isFrame = off_ms > -INTO_FRAME_MS && off_ms < frames.length_ms - INTO_FRAME_MS;
    if (isFrame && led.which) marking.snap(led.which, shown_ms);
    this.#led = null;
    if (isFrame || led.corrections >= CORRECTIONS) return;
    // Where a segment truly begins is known only once it has come: then it is the right frame.
    this.#lead(led.goal_ms, led.which, led.corrections + 1);
  }

  /** Shows a moment, standing still; `which` marker is there. What has not happened yet cannot be shown. */
  #lead(moment_ms: number, which: Which | null = null, corrections = 0): void {
    const session = this.#session;
    if (!session || moment_ms > session.marking.range.to_ms) return;
    const goal_ms = Math.max(moment_ms, session.marking.range.from_ms);
    this.#leaveMarker();
    session.preview.stop();
    session.preview.still(goal_ms);
    this.#led = { goal_ms, which, corrections };
    this.#seek(goal_ms);
    this.#refresh();
  }

  #seek(moment_ms: number): void {
    const { clock } = this.#options;
    const time_s = clock.timeAt(moment_ms);
    this.#moved = true;
    if (clock.seek) clock.seek(moment_ms);
    else if (time_s !== null) this.#player.currentTime(time_s + INTO_FRAME_MS / 1_000);
  }

  #refit(): void {
    if (!this.#session?.panel.bar.held) this.#session?.marking.refit();
    this.#refresh();
  }

  readonly #refresh = (): void => {
    const session = this.#session;
    if (!session) return;
    const { panel, marking, preview } = session;
    marking.refresh();
    this.#snap(session);
    const { markers, view, note } = marking;
    panel.show({
      markers,
      view,
      note,
      recorded: marking.recorded(view),
      now_ms: this.#now_ms(),
      previewing: preview.on,
      playable: marking.playable !== null,
    });
  };

  #at(which: Which): number {
    return this.#session?.marking.at(which) ?? 0;
  }

  /** The moment of the picture. Where it is being led counts until it is there: keys are faster than pictures. */
  #now_ms(): number | null {
    const session = this.#session;
    if (!session) return null;
    const { preview, frames } = session;
    if (preview.goal_ms !== null) return preview.goal_ms;
    const seen_ms = this.#options.clock.clockAt(frames.at_s);
    const led_ms = this.#led?.goal_ms ?? seen_ms;
    return seen_ms === null || led_ms === null || Math.abs(led_ms - seen_ms) > ASTRAY_MS ? seen_ms : led_ms;
  }

  #frame_ms(): number {
    return this.#session?.frames.length_ms ?? 0;
  }
}

const NOTHING_YET: Refusal = { text: 'There is nothing to cut yet: wait until the picture is there.' };

function iso(moment_ms: number): string {
  return new Date(Math.round(moment_ms)).toISOString();
}

function transportOf({ transport }: ClipOptions): ClipTransport {
  return 'create' in transport ? transport : { ...apiTransport(transport), ...transport };
}

/** What is open over the picture, and has Escape for itself. */
const OPEN = '[role=menu], [role=region], [role=dialog], [aria-haspopup][aria-expanded=true]';

function targetOf({ target }: KeyboardEvent, picture: Element): Target {
  if (!(target instanceof Element)) return 'picture';
  const open = target.closest(OPEN);
  // The player is a region itself, and may stand in others.
  if (open && open !== picture && picture.contains(open)) return 'menu';
  if (target.closest('.vjs-clip-handle')) return 'marker';
  if (target.closest('input:not([type=radio]), textarea, select, [contenteditable]')) return 'field';
  return target.closest('button, a, input, [role=slider], [role^=menuitem]') ? 'control' : 'picture';
}
