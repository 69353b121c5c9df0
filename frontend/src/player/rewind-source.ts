/**
 * The bridge between Video.js and hls.js for the past: a source handler for playlists that are played by the wall clock.
 *
 * It stands beside `source-handler.ts`, which plays the live edge, and takes only sources that say `at_ms`. It knows a
 * tech, its player and an engine. The whole playlist is fetched once; what is asked for later are deltas, as hls.js
 * does by itself where CAN-SKIP-UNTIL is offered.
 */
import type HlsEngine from 'hls.js';
import type { ErrorData, FragLoadedData, HlsConfig, LevelDetails } from 'hls.js';

import { clockAt } from '@sluice/videojs-clip/clock';

import { BitrateMeter } from './bitrate';
import { Recovery } from './recovery';
import { type Dependencies, HLS_TYPE, type Tech } from './source-handler';
import { type Place, placeOf } from './timeline';

/** A playlist to be played from a moment, in milliseconds since 1970. */
export interface RewindSourceObject {
  src: string;
  type: typeof HLS_TYPE;
  at_ms: number;
}

/** What of the handler's dependencies the past needs. */
export type RewindDependencies = Pick<Dependencies, 'Hls' | 'config' | 'shellOf' | 'timeRanges'>;

/** Sound and picture do not begin at quite the same moment: exactly there, the frame before would be shown. */
const INTO_FRAME_S = 0.02;
/** Hls.js knows where a segment truly begins only once it has it: whoever is further off than this goes there then. */
const OFF_MS = 40;
/** A place that moves with each attempt is good enough after these. */
const CORRECTIONS = 2;
/** The end of what is listed is the end of the buffer: whoever seeks there begins this much earlier. */
const BEFORE_END_S = 1;

const CONFIG: Partial<HlsConfig> = {
  lowLatencyMode: false,
  // To Video.js this is no live source: it would pull whoever begins to play to the edge.
  liveDurationInfinity: false,
  // The first segment is that of the moment, which is known only with the playlist.
  startFragPrefetch: false,
  // What is not there now will not come by waiting, as a show does that was just announced.
  manifestLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 10_000,
      maxLoadTimeMs: 30_000,
      timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 4, retryDelayMs: 1_000, maxRetryDelayMs: 4_000 },
    },
  },
};

/** The handler as Video.js's `registerSourceHandler` wants it. */
export function rewindSourceHandler(dependencies: RewindDependencies) {
  const canPlayType = () => '';
  const takes = (source: Partial<RewindSourceObject>) => source.at_ms !== undefined && dependencies.Hls.isSupported();
  return {
    name: 'hls.js, by the wall clock',
    canPlayType,
    canHandleSource: (source: Partial<RewindSourceObject>) => (takes(source) ? 'probably' : ''),
    handleSource: (source: RewindSourceObject, tech: Tech) => new RewindSource(source, tech, dependencies),
  };
}

/** The past being played. `dispose` leaves nothing of it behind. */
export class RewindSource {
  #hls: HlsEngine;
  readonly #recovery = new Recovery();
  readonly #bitrate = new BitrateMeter();
  readonly #src: string;
  readonly #tech: Tech;
  readonly #deps: RewindDependencies;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The moment that is being gone to; null once it is there, or where somebody else leads the picture. */
  #goal_ms: number | null;
  #corrections = 0;

  constructor({ src, at_ms }: RewindSourceObject, tech: Tech, dependencies: RewindDependencies) {
    this.#src = src;
    this.#tech = tech;
    this.#deps = dependencies;
    this.#goal_ms = at_ms;
    this.#hls = this.#start();
    tech.el().addEventListener('seeked', this.#onseeked);
  }

  /** The wall clock of the picture, in milliseconds since 1970; where it is going while it is on its way. */
  get clock_ms(): number | null {
    return this.#goal_ms ?? clockAt(this.segments, this.#tech.el().currentTime);
  }

  /** Goes to a moment, or to the next that was recorded. Null when it is not listed yet: nothing is done then. */
  seek(moment_ms: number): Place | null {
    const place = placeOf(this.segments, moment_ms);
    if (!place || place.found === 'after') return null;
    this.#goal_ms = place.clock_ms;
    this.#corrections = 0;
    this.#tech.el().currentTime = place.time_s + INTO_FRAME_S;
    return place;
  }

  /** Somebody else leads the picture from here: it is not taken back to where it was going. */
  letGo(): void {
    this.#goal_ms = null;
  }

  /** Where the listed past ends, in milliseconds since 1970; null while nothing is known. */
  get end_ms(): number | null {
    return clockAt(this.segments, Infinity);
  }

  seekable(): TimeRanges {
    const details = this.#details;
    return details
      ? this.#deps.timeRanges(details.fragmentStart, Math.max(details.fragmentStart, details.edge))
      : this.#tech.el().seekable;
  }

  /** For the statistics: nobody minds here how far live is. */
  readonly rewinds = true;
  readonly behind_s = null;
  readonly target_s = null;
  readonly byParts = false;

  get bitrate_bps(): number | null {
    return this.#bitrate.bps;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#tech.el().removeEventListener('seeked', this.#onseeked);
    this.#hls.destroy();
  }

  /** What was asked for has come, and with it the true place of its segment. */
  readonly #onseeked = () => {
    const goal_ms = this.#goal_ms;
    if (goal_ms === null) return;
    this.#goal_ms = null;
    const place = placeOf(this.segments, goal_ms);
    const is_ms = this.clock_ms;
    if (!place || is_ms === null || Math.abs(is_ms - goal_ms) <= OFF_MS || this.#corrections >= CORRECTIONS) return;
    this.#corrections += 1;
    this.#goal_ms = goal_ms;
    this.#tech.el().currentTime = place.time_s + INTO_FRAME_S;
  };

  get #details(): LevelDetails | null {
    return this.#hls.latestLevelDetails;
  }

  /** What is listed. */
  get segments(): LevelDetails['fragments'] {
    return this.#details?.fragments ?? [];
  }

  #start(): HlsEngine {
    const { Hls, config } = this.#deps;
    const hls = new Hls({ ...config, ...CONFIG });
    // Between this event and the first segment's request, hls.js reads where to begin.
    hls.once(Hls.Events.MANIFEST_PARSED, (_, { levels }) => this.#begin(hls, levels[0]?.details));
    hls.on(Hls.Events.ERROR, (_, error) => this.#onerror(error));
    hls.on(Hls.Events.FRAG_LOADED, (_, loaded) => this.#count(loaded));
    hls.on(Hls.Events.FRAG_BUFFERED, () => this.#recovery.progress());
    hls.loadSource(this.#src);
    hls.attachMedia(this.#tech.el());
    return hls;
  }

  #begin(hls: HlsEngine, details: LevelDetails | undefined): void {
    const place = details && placeOf(details.fragments, this.#goal_ms ?? 0);
    if (!place) return;
    const isPast = place.found === 'after';
    hls.config.startPosition = Math.max(0, place.time_s + (isPast ? -BEFORE_END_S : INTO_FRAME_S));
    this.#goal_ms = isPast ? null : place.clock_ms;
  }

  #count({ frag, payload }: FragLoadedData): void {
    this.#bitrate.add(payload.byteLength, frag.duration);
  }

  #onerror(error: ErrorData): void {
    const remedy = this.#recovery.judge(error, Date.now());
    if (remedy.do === 'restart') {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#hls.startLoad(), remedy.after_ms);
    }
    if (remedy.do === 'recover-media') this.#hls.recoverMediaError();
    if (remedy.do === 'renew') this.#renew(error.frag?.programDateTime ?? this.clock_ms);
    if (remedy.do === 'fail') {
      this.#hls.stopLoad();
      const message = SENTENCES[error.response?.code ?? 0] ?? remedy.message;
      this.#deps.shellOf(this.#tech)?.error({ code: remedy.code, message });
    }
  }

  /** A new engine from a moment on: what comes there has a picture, or sound, for which the old one has no place. */
  #renew(moment_ms: number | null): void {
    this.#goal_ms = moment_ms;
    this.#hls.destroy();
    this.#hls = this.#start();
  }
}

/** What a refusal of the playlist means, by its status. */
const SENTENCES: Record<number, string> = {
  403: 'This channel cannot be rewound, or no longer. Reload the page to see why.',
  404: 'Nothing is recorded here any more. Choose another moment.',
};
