/**
 * An engine that begins to load before there is a player for it.
 *
 * Playlists and the first parts come while the shell is built, which takes longer than they do. Whoever plays the same
 * source then takes the engine over; hls.js keeps what it has loaded until it is given a media element.
 */
import type HlsEngine from 'hls.js';
import type { HlsConfig } from 'hls.js';

import type { Mode } from './mode';

/** Building the shell takes far less; a page that was left meanwhile leaves nothing running. */
const KEPT_MS = 5_000;

export class HeadStart {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #src = '';
  #hls: HlsEngine | null = null;
  readonly #Hls: typeof HlsEngine;
  readonly #config: Partial<HlsConfig>;

  constructor(Hls: typeof HlsEngine, config: Partial<HlsConfig>) {
    this.#Hls = Hls;
    this.#config = config;
  }

  /** Begins to load this source, and forgets what was begun before. */
  begin(src: string, mode: Mode): void {
    this.#drop();
    if (!this.#Hls.isSupported()) return;
    const hls = new this.#Hls({ ...this.#config, lowLatencyMode: mode === 'low-latency' });
    // What becomes of an error, and of a playlist that is closed, is the player's business: it begins anew.
    const forget = () => {
      if (this.#hls === hls) this.#drop();
    };
    hls.on(this.#Hls.Events.ERROR, (_, { fatal }) => fatal && forget());
    hls.on(this.#Hls.Events.LEVEL_LOADED, (_, { details }) => details.live || forget());
    hls.loadSource(src);
    this.#src = src;
    this.#hls = hls;
    this.#timer = setTimeout(forget, KEPT_MS);
  }

  /** The engine that loads this source, which is the taker's from now on; null if there is none. */
  take(src: string): HlsEngine | null {
    const hls = this.#src === src ? this.#hls : null;
    if (hls) {
      clearTimeout(this.#timer);
      this.#hls = null;
    }
    return hls;
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#hls?.destroy();
    this.#hls = null;
  }
}
