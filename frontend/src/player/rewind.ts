/**
 * Live or the past: one player goes from the live edge to any moment that was recorded, and back.
 *
 * The two are two playlists, so the way between them is another source in the same player: full screen, volume and
 * keys stay. Moments are wall clock throughout.
 */
import { Hls } from './engine';
import { NativeRewind } from './native-rewind';
import type { RewindSourceObject } from './rewind-source';
import { type Player, rewindSourceOf, sourceOf } from './shell';
import { HLS_TYPE, type HlsSourceObject } from './source-handler';

/** A player's event: it has gone from live to the past, or back, or to another moment; or may now, or no longer. */
export const REWIND_EVENT = 'sluice-rewind';

/** What an arrow key skips. */
const STEP_MS = 10_000;
/** Whoever skips to a moment as near as this wants to be live. */
const LIVE_WITHIN_MS = 8_000;
/** A picture that was left for so long that its place is about to leave the live window is taken up in the past. */
const SLIDES_OUT_S = 3;
/** Hls.js jumps to the edge while nobody looks: then the clock is not where it was left. */
const JUMPED_MS = 2_000;

/** Exactly at a frame's beginning, rounding would show the one before. */
const INTO_FRAME_S = 0.005;
/** The last frame that is listed is this long before the end, or longer. */
const BEFORE_END_MS = 20;

const controls = new WeakMap<object, RewindControl>();

/** The rewind control of a player; none before the player is complete. */
export function rewindOf(player: object | undefined): RewindControl | undefined {
  return player && controls.get(player);
}

export class RewindControl {
  #live: string | null = null;
  #past: string | null = null;
  /** The past is that of a show that is over: nothing will ever follow in it. */
  #closed = false;
  #rewinding = false;
  /** The past that plays, unless it cannot be played on. */
  #open: string | null = null;
  #native: NativeRewind | null = null;
  /** The moment at which a live picture was paused. */
  #left_ms: number | null = null;
  /** The viewer has paused what was chosen to be played last. */
  #paused = false;
  readonly #player: Player;
  readonly #now_ms: () => number;

  constructor(player: Player, now_ms: () => number) {
    this.#player = player;
    this.#now_ms = now_ms;
    controls.set(player, this);
    player.on('loadstart', () => this.#onload());
    player.on('pause', () => {
      this.#left_ms = this.#rewinding ? null : this.clock_ms;
      this.#paused = !player.ended();
    });
    player.on('play', () => this.#resume());
    player.on('ended', () => this.#goOn());
    player.on('error', () => (this.#open = null));
    player.on('dispose', () => this.#native?.dispose());
  }

  /** It plays the past. */
  get rewinding(): boolean {
    return this.#rewinding;
  }

  /** There is a live edge to go to. */
  get hasLive(): boolean {
    return this.#live !== null;
  }

  /** The wall clock of the picture, in milliseconds since 1970; null while it is not known. */
  get clock_ms(): number | null {
    if (this.#native) return this.#native.clock_ms;
    return (this.#rewinding ? rewindSourceOf(this.#player) : sourceOf(this.#player))?.clock_ms ?? null;
  }

  /** Where live is; null while there is no show. Does not interrupt what plays. */
  setLive(url: string | null): void {
    this.#live = url;
    this.#player.trigger(REWIND_EVENT);
  }

  /**
   * Where the past is; null where there is none for this viewer. `closed`: what comes after its end is live, since it is
   * one show that is over. Does not interrupt what plays.
   */
  setPast(url: string | null, closed = false): void {
    this.#past = url;
    this.#closed = closed;
  }

  /** Plays from the live edge. */
  goLive(): void {
    if (this.#live === null) return;
    this.#change(false);
    this.#play({ src: this.#live, type: HLS_TYPE, expects: 'live' });
  }

  /** Plays from a moment, or from the next that was recorded. Whether live is meant, whoever asks has decided. */
  seek(moment_ms: number): void {
    if (this.#past === null) return;
    const open = this.#open === this.#past ? (this.#native ?? rewindSourceOf(this.#player)) : null;
    if (open?.seek(moment_ms)) this.#player.trigger(REWIND_EVENT);
    else this.#begin(this.#past, moment_ms);
  }

  /** Shows a moment: at `time_s` in what plays, else from the past, live or not. */
  show(moment_ms: number, time_s: number | null): void {
    if (time_s !== null) {
      // Two who correct each other never arrive.
      rewindSourceOf(this.#player)?.letGo();
      // A paused picture that is led elsewhere plays on from there.
      if (this.#left_ms !== null) this.#left_ms = moment_ms;
      this.#player.currentTime(time_s + INTO_FRAME_S);
      return;
    }
    const end_ms = this.#rewinding ? rewindSourceOf(this.#player)?.end_ms : null;
    const goal_ms = Math.min(moment_ms, end_ms ? end_ms - BEFORE_END_MS : Infinity);
    const open = this.#open === this.#past ? (this.#native ?? rewindSourceOf(this.#player)) : null;
    if (this.#past === null || open?.seek(goal_ms)) return;
    this.#begin(this.#past, goal_ms);
  }

  /** Takes a key that was pressed in the player; false leaves it to others. */
  take({ key, ctrlKey, altKey, metaKey, shiftKey }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey || shiftKey || (this.#past === null && !this.#rewinding)) return false;
    if (key === 'ArrowLeft') this.#step(-STEP_MS);
    else if (key === 'ArrowRight') this.#step(STEP_MS);
    else if (key === 'Home') this.seek(0);
    else if (key === 'End' || key.toLowerCase() === 'l') this.#return();
    else return false;
    return true;
  }

  #step(by_ms: number): void {
    const { clock_ms } = this;
    if (clock_ms === null || (!this.#rewinding && by_ms > 0)) return;
    const goal_ms = clock_ms + by_ms;
    if (by_ms > 0 && this.#live !== null && goal_ms > this.#now_ms() - LIVE_WITHIN_MS) this.goLive();
    else this.seek(goal_ms);
  }

  /** To live; what is live already is not loaded anew, but taken to its edge. */
  #return(): void {
    if (this.#rewinding) return this.goLive();
    const { liveTracker } = this.#player as unknown as { liveTracker?: { seekToLiveEdge(): void } };
    liveTracker?.seekToLiveEdge();
  }

  /**
   * Video.js begins to play whatever is loaded. An engine that loads anew, to mend itself, does not make a picture play
   * that the viewer has paused.
   */
  #onload(): void {
    this.#left_ms = null;
    if (!this.#paused) return;
    const { options_ } = this.#player as unknown as { options_: { autoplay: unknown } };
    const { autoplay } = options_;
    options_.autoplay = false;
    // It is read as soon as this event is over.
    queueMicrotask(() => (options_.autoplay = autoplay));
  }

  /** A live picture that was paused plays on: in the past, when live has left its place behind. */
  #resume(): void {
    const left_ms = this.#left_ms;
    this.#left_ms = null;
    this.#paused = false;
    if (left_ms === null || this.#rewinding || this.#past === null) return;
    const seekable = this.#player.seekable();
    const slidOut = seekable.length > 0 && (this.#player.currentTime() ?? 0) < seekable.start(0) + SLIDES_OUT_S;
    if (slidOut || Math.abs((this.clock_ms ?? 0) - left_ms) > JUMPED_MS) this.#begin(this.#past, left_ms);
  }

  /** The past has played to its end: the show that has begun since then is next, or live. */
  #goOn(): void {
    if (this.#rewinding && this.#closed) return this.goLive();
    const end_ms = this.#rewinding ? this.clock_ms : null;
    if (end_ms !== null && this.#live !== null && this.#past !== null) this.#begin(this.#past, end_ms + 1_000);
  }

  #begin(url: string, at_ms: number): void {
    this.#change(true);
    this.#play({ src: url, type: HLS_TYPE, at_ms });
    this.#open = url;
    const video = this.#player.el().querySelector('video');
    if (!Hls.isSupported() && video) this.#native = new NativeRewind(video, url, at_ms);
  }

  #play(source: HlsSourceObject | RewindSourceObject): void {
    this.#native?.dispose();
    this.#native = null;
    this.#open = null;
    this.#paused = false;
    this.#player.error(null as never);
    this.#player.src(source as never);
  }

  #change(rewinding: boolean): void {
    if (rewinding === this.#rewinding) return;
    this.#rewinding = rewinding;
    this.#player.toggleClass('sluice-rewinding', rewinding);
    this.#player.trigger(REWIND_EVENT);
  }
}
