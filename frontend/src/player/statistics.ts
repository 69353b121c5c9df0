/** What the statistics panel shows: read from a player, and put into words. */
import { bitrate, seconds } from '../lib/numbers';
import { bufferAhead_s } from './media';
import type { Mode } from './mode';

/** How playback stands. What is null is not known, or not known yet. */
export interface Statistics {
  engine: 'hls.js' | 'native';
  mode: Mode | 'rewind' | null;
  /** By parts of segments, as they are written. */
  byParts: boolean;
  behind_s: number | null;
  target_s: number | null;
  bitrate_bps: number | null;
  buffer_s: number;
  rate: number;
  width: number;
  height: number;
  frames: { shown: number; dropped: number } | null;
  stalls: number;
}

/** The part of a source that is read; see `HlsSource`. */
export interface Source {
  readonly behind_s: number | null;
  readonly target_s: number | null;
  readonly bitrate_bps: number | null;
  readonly byParts: boolean;
  /** It plays the past, for which there is no mode. */
  readonly rewinds?: boolean;
}

/** The part of the latency control that is read. */
export interface Latency {
  readonly mode: Mode;
  readonly stalls: number;
}

/** Reads them; without a source of ours, the browser plays by itself. */
export function statisticsOf(video: HTMLVideoElement, source: Source | null, latency: Latency): Statistics {
  const quality = video.getVideoPlaybackQuality?.();
  return {
    engine: source ? 'hls.js' : 'native',
    mode: source?.rewinds ? 'rewind' : source ? latency.mode : null,
    byParts: source?.byParts ?? false,
    behind_s: source ? source.behind_s : nativeBehind_s(video),
    target_s: source?.target_s ?? null,
    bitrate_bps: source?.bitrate_bps ?? null,
    buffer_s: bufferAhead_s(video),
    rate: video.playbackRate,
    width: video.videoWidth,
    height: video.videoHeight,
    frames: quality ? { shown: quality.totalVideoFrames, dropped: quality.droppedVideoFrames } : null,
    stalls: latency.stalls,
  };
}

/** Of what a browser plays by itself, nothing nearer to live is known than the end of what can be sought. */
function nativeBehind_s({ seekable, currentTime }: HTMLVideoElement): number | null {
  return seekable.length > 0 ? Math.max(0, seekable.end(seekable.length - 1) - currentTime) : null;
}

const UNKNOWN = '–';

/** Rows of the panel: what it is, and how it stands. */
export function rows(now: Statistics): [name: string, value: string][] {
  return [
    ['Behind live', span(now.behind_s)],
    ['Target', span(now.target_s)],
    ['Mode', mode(now)],
    ['Buffer', span(now.buffer_s)],
    ['Bitrate', now.bitrate_bps === null ? UNKNOWN : words(bitrate(now.bitrate_bps))],
    ['Picture', now.width > 0 ? `${now.width}×${now.height}` : UNKNOWN],
    ['Dropped frames', now.frames ? `${count(now.frames.dropped)} of ${count(now.frames.shown)}` : UNKNOWN],
    ['Stalls', count(now.stalls)],
    ['Speed', `${now.rate.toFixed(2)}×`],
    ['Engine', now.engine === 'native' ? 'native' : 'hls.js'],
  ];
}

function span(value_s: number | null): string {
  return value_s === null ? UNKNOWN : seconds(value_s);
}

function mode({ engine, mode, byParts }: Statistics): string {
  if (engine === 'native') return 'the browser’s own';
  if (mode === 'smooth' || mode === 'rewind') return mode;
  return byParts ? 'low latency' : 'low latency, not offered';
}

function words({ value, unit }: { value: string; unit: string }): string {
  return `${value} ${unit}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
