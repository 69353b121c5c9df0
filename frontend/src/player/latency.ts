/**
 * How close to live one player plays: the viewer's choice, and what stalls make of it.
 *
 * A viewer who chose is not argued with: falling back to smooth is done once, said, and can be undone; whoever undoes
 * it stays with low latency, however it stalls. Nothing that happens by itself is remembered by the browser.
 */
import { type Mode, rememberedMode, rememberMode } from './mode';
import { StallWatch } from './stalls';

/** A player's event: the mode has changed, or why it is what it is. */
export const LATENCY_EVENT = 'sluice-latency';

/** The part of a Video.js player that is used here. */
export interface Host {
  on(events: string | string[], listener: () => void): void;
  trigger(event: string): void;
  seeking(): boolean;
}

/** The part of a source that is told. */
export interface Engine {
  /** It plays by parts: there is something to fall back from. */
  readonly byParts: boolean;
  setMode(mode: Mode): void;
  /** Jumps to the live edge if it is too far off to be caught up with. */
  rejoin(): void;
}

const controls = new WeakMap<object, LatencyControl>();

/** The latency control of a player; none before the player is complete. */
export function latencyOf(player: object | undefined): LatencyControl | undefined {
  return player && controls.get(player);
}

export class LatencyControl {
  /** How often the picture has stood still for want of media. */
  stalls = 0;
  #chosen = rememberedMode();
  #fellBack = false;
  #insists = false;
  /** The picture moves, or did until the buffer ran dry: not while it starts, seeks or is paused. */
  #flows = false;
  #stalled = false;
  readonly #watch = new StallWatch();
  readonly #host: Host;
  readonly #engine: () => Engine | null;

  constructor(host: Host, engine: () => Engine | null) {
    this.#host = host;
    this.#engine = engine;
    controls.set(host, this);
    host.on(['loadstart', 'seeking', 'pause'], () => {
      this.#flows = false;
      this.#stalled = false;
    });
    host.on('waiting', () => this.#wait());
    host.on('playing', () => this.#play());
  }

  /** How it plays now. */
  get mode(): Mode {
    return this.#fellBack ? 'smooth' : this.#chosen;
  }

  /** It plays smoothly only because of stalls, although low latency was chosen. */
  get fellBack(): boolean {
    return this.#fellBack;
  }

  /** Seconds to stay further behind than the playlist asks, because of stalls of late. */
  get margin_s(): number {
    return this.mode === 'low-latency' ? this.#watch.margin_s(Date.now()) : 0;
  }

  /** The viewer's choice; remembered. */
  choose(mode: Mode): void {
    this.#insists ||= this.#fellBack && mode === 'low-latency';
    rememberMode(mode);
    this.#watch.pardon();
    this.#change(mode, false);
  }

  #wait(): void {
    // What a hidden tab misses is not seen, and browsers let it starve.
    if (!this.#flows || this.#host.seeking() || document.hidden) return;
    this.#flows = false;
    this.#stalled = true;
    this.stalls += 1;
    const tooMany = this.#watch.add(Date.now());
    // Where there are no parts, and where a browser plays by itself, nothing would change: so nothing is said.
    if (tooMany && this.#engine()?.byParts && this.mode === 'low-latency' && !this.#insists) {
      this.#change(this.#chosen, true);
    }
  }

  #play(): void {
    if (this.#stalled && this.mode === 'low-latency') this.#engine()?.rejoin();
    this.#stalled = false;
    this.#flows = true;
  }

  #change(chosen: Mode, fellBack: boolean): void {
    const before = this.mode;
    this.#chosen = chosen;
    this.#fellBack = fellBack;
    if (this.mode !== before) this.#engine()?.setMode(this.mode);
    this.#host.trigger(LATENCY_EVENT);
  }
}
