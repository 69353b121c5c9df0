/**
 * The bridge between Video.js and hls.js: a source handler for Video.js's Html5 tech.
 *
 * Registered in front of the native handler, so that hls.js plays wherever Media Source exists, although Chromium
 * and Safari would take HLS themselves; where it is missing this handler declines, and the native one plays.
 * It knows a tech, its player and an engine, never the page: what it has to say goes out by the player.
 */
import type HlsEngine from 'hls.js';
import type { ErrorData, FragLoadedData, HlsConfig, LevelDetails } from 'hls.js';

import { BitrateMeter } from './bitrate';
import { bufferAhead_s } from './media';
import type { Mode } from './mode';
import { rateFor, REACH_S, type Standing } from './pace';
import { Recovery } from './recovery';
import type { Segment } from '@sluice/videojs-clip/clock';

export const HLS_TYPE = 'application/vnd.apple.mpegurl';

/** What Video.js hands over. `expects: 'live'`: a playlist that is closed from the start is that of the last show. */
export interface HlsSourceObject {
  src: string;
  type?: string;
  expects?: 'live';
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

/** How close to live a player is to play. */
export interface Manner {
  readonly mode: Mode;
  /** Seconds to stay further behind than the playlist asks. */
  readonly margin_s: number;
}

/** What the handler is given, so that tests can give it something else. */
export interface Dependencies {
  Hls: typeof HlsEngine;
  config: Partial<HlsConfig>;
  /** The player that a tech belongs to; none once it is disposed of. */
  shellOf: (tech: Tech) => Shell | undefined;
  mannerOf: (tech: Tech) => Manner;
  /** An engine that loads this source already; see head-start.ts. */
  begun: (src: string) => HlsEngine | null;
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

/** A viewer who asks for low latency is taken there at once when it is further than this, and caught up otherwise. */
const STEP_S = 1;

/** A picture that stands still for longer does not come back by itself. */
const STANDSTILL_MS = 5_000;

/** How soon a new engine looks whether the next show has begun, or what the encoder has added. */
const RENEW_MS = 2_000;

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
  #standstill: ReturnType<typeof setTimeout> | undefined;
  readonly #bitrate = new BitrateMeter();
  readonly #source: HlsSourceObject;
  readonly #tech: Tech;
  readonly #deps: Dependencies;

  constructor(source: HlsSourceObject, tech: Tech, dependencies: Dependencies) {
    this.#source = source;
    this.#tech = tech;
    this.#deps = dependencies;
    this.#hls = this.#start();
    tech.el().addEventListener('timeupdate', this.#pace);
    tech.el().addEventListener('waiting', this.#onwaiting);
  }

  /** The window that can be played: up to where the engine would join, not to where the buffer would run dry. */
  seekable(): TimeRanges {
    const details = this.#details();
    if (!details?.live) return this.#tech.el().seekable;
    const end = this.#hls.liveSyncPosition ?? details.edge;
    return this.#deps.timeRanges(details.fragmentStart, Math.max(details.fragmentStart, end));
  }

  /** Seconds behind the newest media there is; null while nothing live plays. */
  get behind_s(): number | null {
    const details = this.#details();
    const { currentTime } = this.#tech.el();
    // The playlist's end goes on in time until the next one comes.
    return details?.live && currentTime > 0 ? Math.max(0, details.edge + details.age - currentTime) : null;
  }

  /** The wall clock of the picture, in milliseconds since 1970; null while it is not known. */
  get clock_ms(): number | null {
    return this.#hls.playingDate?.getTime() ?? null;
  }

  /** What is listed of the stream, up to what is being written now. */
  get segments(): readonly Segment[] {
    const details = this.#details();
    const open = details?.fragmentHint;
    if (!details || !open) return details?.fragments ?? [];
    const { start, programDateTime } = open;
    return [...details.fragments, { start, programDateTime, duration: Math.max(0, details.edge - start) }];
  }

  /** Seconds behind that it tries to be; null while that is unknown. */
  get target_s(): number | null {
    const target_s = this.#details()?.live ? this.#hls.targetLatency : null;
    return target_s === null ? null : target_s + this.#deps.mannerOf(this.#tech).margin_s;
  }

  /** It plays by parts; false also where a playlist has none. */
  get byParts(): boolean {
    return this.#hls.lowLatencyMode && Boolean(this.#details()?.partList);
  }

  /** Bits per second of the media that arrived of late; null before any has. */
  get bitrate_bps(): number | null {
    return this.#bitrate.bps;
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

  /** Changes the mode, and goes to where that mode plays: back into what was seen, rather than to stand and wait. */
  setMode(mode: Mode): void {
    this.#hls.lowLatencyMode = mode === 'low-latency';
    const { behind_s, target_s } = this;
    if (behind_s === null || target_s === null) return;
    const off_s = behind_s - target_s;
    if (mode === 'smooth' ? off_s < 0 : off_s > STEP_S) this.#toEdge();
  }

  /** Jumps to the live edge if it is too far off to be caught up with. */
  rejoin(): void {
    if ((this.behind_s ?? 0) - (this.target_s ?? Infinity) > REACH_S) this.#toEdge();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#standstill);
    const video = this.#tech.el();
    video.removeEventListener('timeupdate', this.#pace);
    video.removeEventListener('waiting', this.#onwaiting);
    video.playbackRate = 1;
    this.#hls.destroy();
  }

  readonly #pace = () => {
    const video = this.#tech.el();
    const standing = this.#standing(video);
    const rate = standing ? rateFor(standing, video.playbackRate) : 1;
    if (rate !== video.playbackRate) video.playbackRate = rate;
  };

  /** What the live edge does not mend is an engine that has lost its place in the stream: a new one takes over. */
  readonly #onwaiting = () => {
    this.#onStandstill(() => {
      this.#toEdge();
      this.#onStandstill(() => this.#renew(0));
    });
  };

  /** Does this once the picture has stood still for a while although the stream goes on; never if it moves before. */
  #onStandstill(remedy: () => void): void {
    const stoodAt = this.#tech.el().currentTime;
    const edge = this.#details()?.edge;
    clearTimeout(this.#standstill);
    this.#standstill = setTimeout(() => {
      const video = this.#tech.el();
      const details = this.#details();
      if (video.paused || video.currentTime !== stoodAt || details?.live === false) return;
      if (details && details.edge !== edge) remedy();
      else this.#onStandstill(remedy);
    }, STANDSTILL_MS);
  }

  /** Null where the distance does not matter: smooth playback drifts as it likes. */
  #standing(video: HTMLVideoElement): Standing | null {
    const { behind_s, target_s } = this;
    if (!this.#hls.lowLatencyMode || behind_s === null || target_s === null) return null;
    return { behind_s, target_s, buffer_s: bufferAhead_s(video) };
  }

  #toEdge(): void {
    const edge = this.#hls.liveSyncPosition;
    if (edge !== null) this.#tech.el().currentTime = edge;
  }

  #start(): HlsEngine {
    const { Hls, config, mannerOf, begun } = this.#deps;
    const { src, expects } = this.#source;
    const lowLatencyMode = mannerOf(this.#tech).mode === 'low-latency';
    const early = begun(src);
    const hls = early ?? new Hls({ ...config, lowLatencyMode });
    hls.lowLatencyMode = lowLatencyMode;
    hls.on(Hls.Events.ERROR, (_, error) => this.#onerror(error));
    hls.on(Hls.Events.FRAG_LOADED, (_, loaded) => this.#count(loaded));
    hls.on(Hls.Events.FRAG_BUFFERED, () => this.#recovery.progress());
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.#tellQuality());
    hls.on(Hls.Events.LEVEL_SWITCHED, () => this.#tellQuality());
    if (expects === 'live' && hls.latestLevelDetails?.live !== true) {
      hls.once(Hls.Events.LEVEL_LOADED, (_, { details }) => {
        if (!details.live) this.#renew();
      });
    }
    if (early) this.#tellQuality();
    else hls.loadSource(src);
    hls.attachMedia(this.#tech.el());
    return hls;
  }

  #count({ frag, part, payload }: FragLoadedData): void {
    this.#bitrate.add(payload.byteLength, (part ?? frag).duration);
  }

  #details(): LevelDetails | null {
    return this.#hls.latestLevelDetails;
  }

  #onerror(error: ErrorData): void {
    const remedy = this.#recovery.judge(error, Date.now());
    if (remedy.do === 'restart') this.#later(remedy.after_ms, () => this.#hls.startLoad());
    if (remedy.do === 'recover-media') this.#hls.recoverMediaError();
    if (remedy.do === 'renew') this.#renew();
    if (remedy.do === 'fail') {
      this.#hls.stopLoad();
      this.#deps.shellOf(this.#tech)?.error({ code: remedy.code, message: remedy.message });
    }
  }

  #tellQuality(): void {
    this.#deps.shellOf(this.#tech)?.trigger(QUALITY_EVENT);
  }

  /**
   * A new engine, since this one has taken the closed playlist for the whole of the stream, cannot take in what the
   * encoder has added to it, or does not get on.
   */
  #renew(after_ms = RENEW_MS): void {
    this.#hls.destroy();
    this.#later(after_ms, () => (this.#hls = this.#start()));
  }

  #later(after_ms: number, work: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, after_ms);
  }
}

function isHls(type: string): boolean {
  return /^(application\/(vnd\.apple\.mpegurl|x-mpegurl)|audio\/mpegurl)$/i.test(type);
}
