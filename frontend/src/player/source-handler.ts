/**
 * The bridge between Video.js and hls.js: a source handler for Video.js's Html5 tech.
 *
 * Registered in front of the native handler, so that hls.js plays wherever Media Source exists, although Chromium
 * and Safari would take HLS themselves; where it is missing this handler declines, and the native one plays.
 * It knows a tech, its player and an engine, never the page: what it has to say goes out by the player.
 */
import type HlsEngine from 'hls.js';
import type { ErrorData, HlsConfig, LevelDetails } from 'hls.js';

import { Recovery } from './recovery';

export const HLS_TYPE = 'application/vnd.apple.mpegurl';

/** What Video.js hands over. `expects: 'live'`: a playlist that is closed from the start is that of the last show. */
export interface HlsSourceObject {
  src: string;
  type?: string;
  expects?: 'live' | 'any';
}

/** The part of Video.js's Html5 tech that is used here. */
export interface Tech {
  el(): HTMLVideoElement;
}

/** The part of a Video.js player that is told. Error codes are those of MediaError. */
export interface Shell {
  error(error: { code: number; message: string }): void;
  trigger(event: string): void;
}

/** What the handler is given, so that tests can give it something else. */
export interface Dependencies {
  Hls: typeof HlsEngine;
  config: Partial<HlsConfig>;
  /** The player that a tech belongs to; none once it is disposed of. */
  shellOf: (tech: Tech) => Shell | undefined;
  timeRanges: (start: number, end: number) => TimeRanges;
}

/** One rendition of the stream. */
export interface Quality {
  /** What the engine calls it. */
  index: number;
  height: number;
  bitrate_bps: number;
}

/** A player's event: the qualities, or the one that plays, have changed. */
export const QUALITY_EVENT = 'sluice-quality';

/** How soon to look again whether the next show has begun. */
const NEXT_SHOW_MS = 2_000;

/** The handler as Video.js's `registerSourceHandler` wants it. */
export function hlsSourceHandler(dependencies: Dependencies) {
  const canPlayType = (type: string) => (isHls(type) && dependencies.Hls.isSupported() ? 'probably' : '');
  return {
    name: 'hls.js',
    canPlayType,
    canHandleSource: (source: HlsSourceObject) => canPlayType(source.type ?? ''),
    handleSource: (source: HlsSourceObject, tech: Tech) => new HlsSource(source, tech, dependencies),
  };
}

/** One source being played. `dispose` leaves nothing of it behind. */
export class HlsSource {
  #hls: HlsEngine;
  #recovery = new Recovery();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #source: HlsSourceObject;
  readonly #tech: Tech;
  readonly #deps: Dependencies;

  constructor(source: HlsSourceObject, tech: Tech, dependencies: Dependencies) {
    this.#source = source;
    this.#tech = tech;
    this.#deps = dependencies;
    this.#hls = this.#start();
  }

  /** The window that can be played: up to where the engine would join, not to where the buffer would run dry. */
  seekable(): TimeRanges {
    const details = this.#details();
    if (!details?.live) return this.#tech.el().seekable;
    const end = this.#hls.liveSyncPosition ?? details.edge;
    return this.#deps.timeRanges(details.fragmentStart, Math.max(details.fragmentStart, end));
  }

  /** Seconds behind the newest media that the playlist lists; null while nothing live plays. */
  get behind_s(): number | null {
    return this.#details()?.live && this.#hls.latency > 0 ? this.#hls.latency : null;
  }

  /** Renditions to choose from, best first. */
  get qualities(): Quality[] {
    return this.#hls.levels
      .map((level, index) => ({ index, height: level.height, bitrate_bps: level.bitrate }))
      .sort((a, b) => b.height - a.height || b.bitrate_bps - a.bitrate_bps);
  }

  /** The chosen rendition and the one that plays; `chosen` is null while the engine chooses. */
  get quality(): { chosen: number | null; playing: number | null } {
    const { autoLevelEnabled, nextLevel, currentLevel } = this.#hls;
    return { chosen: autoLevelEnabled ? null : nextLevel, playing: currentLevel < 0 ? null : currentLevel };
  }

  /** Chooses a rendition by its index; null leaves it to the engine. */
  choose(index: number | null): void {
    this.#hls.nextLevel = index ?? -1;
    this.#tellQuality();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#hls.destroy();
  }

  #start(): HlsEngine {
    const { Hls, config } = this.#deps;
    const hls = new Hls(config);
    hls.on(Hls.Events.ERROR, (_, error) => this.#onerror(error));
    hls.on(Hls.Events.FRAG_BUFFERED, () => this.#recovery.progress());
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.#tellQuality());
    hls.on(Hls.Events.LEVEL_SWITCHED, () => this.#tellQuality());
    if (this.#source.expects === 'live') {
      hls.once(Hls.Events.LEVEL_LOADED, (_, { details }) => {
        if (!details.live) this.#waitForNextShow();
      });
    }
    hls.loadSource(this.#source.src);
    hls.attachMedia(this.#tech.el());
    return hls;
  }

  #details(): LevelDetails | null {
    return this.#hls.latestLevelDetails;
  }

  #onerror(error: ErrorData): void {
    const remedy = this.#recovery.judge(error, Date.now());
    if (remedy.do === 'restart') this.#later(remedy.after_ms, () => this.#hls.startLoad());
    if (remedy.do === 'recover-media') this.#hls.recoverMediaError();
    if (remedy.do === 'fail') {
      this.#hls.stopLoad();
      this.#deps.shellOf(this.#tech)?.error({ code: remedy.code, message: remedy.message });
    }
  }

  #tellQuality(): void {
    this.#deps.shellOf(this.#tech)?.trigger(QUALITY_EVENT);
  }

  /** A new engine, since this one has taken the closed playlist for the whole of the stream. */
  #waitForNextShow(): void {
    this.#hls.destroy();
    this.#later(NEXT_SHOW_MS, () => (this.#hls = this.#start()));
  }

  #later(after_ms: number, work: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, after_ms);
  }
}

function isHls(type: string): boolean {
  return /^(application\/(vnd\.apple\.mpegurl|x-mpegurl)|audio\/mpegurl)$/i.test(type);
}
