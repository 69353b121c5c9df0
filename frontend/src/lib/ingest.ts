/** Judges the incoming stream as a vision engineer would: is it healthy, and if not, what to change in the encoder. */
import type { PublishSession } from './model';

/** One measurement of the incoming bit rate. */
export interface Sample {
  /** Milliseconds since the epoch. */
  at: number;
  bps: number;
}

export interface Verdict {
  /** `waiting`: nothing measured yet. */
  state: 'waiting' | 'well' | 'advice';
  /** In a word or two. */
  word: string;
  /** What to do, most pressing first; empty when all is well. */
  advice: string[];
}

/** Viewers join and segments are cut at keyframes only; past this, starting takes long and delay grows. */
const KEYFRAMES_MAX_MS = 4_500;
/** Below this many bits for each pixel of each frame, H.264 of moving pictures falls to pieces. */
const BITS_PER_PIXEL_MIN = 0.02;
/** A trough of this share of the median, again and again, is a link that cannot carry what is sent. */
const TROUGH = 0.4;
const TROUGH_WINDOW_MS = 60_000;
/** Fewer measurements than this say nothing about steadiness. */
const TROUGH_SAMPLES_MIN = 8;
/** The trace shows this much. */
export const TRACE_MS = 180_000;

/** How much of the past the trace shows: it grows with the show, so that a young one is not a dot at the edge. */
export function traceSpan(samples: readonly Sample[], now: number): { ms: number; words: string } {
  const age = now - (samples[0]?.at ?? now);
  if (age <= 30_000) return { ms: 30_000, words: '30 s' };
  return age <= 60_000 ? { ms: 60_000, words: '1 min' } : { ms: TRACE_MS, words: '3 min' };
}

/** Adds a measurement, and forgets those older than the trace. */
export function remember(samples: readonly Sample[], sample: Sample): Sample[] {
  return [...samples.filter((old) => sample.at - old.at <= TRACE_MS && old.at < sample.at), sample];
}

export function judge(session: PublishSession, samples: readonly Sample[], now: number): Verdict {
  const advice = [keyframeAdvice(session), thinAdvice(session), troughAdvice(samples, now)].filter(
    (sentence) => sentence !== null,
  );
  if (advice.length > 0)
    return { state: 'advice', word: advice.length > 1 ? 'needs care' : 'one thing to mend', advice };
  return session.bitrate_bps === null
    ? { state: 'waiting', word: 'measuring', advice }
    : { state: 'well', word: 'healthy', advice };
}

/** Keyframes are too far apart for viewers to join quickly. */
export function keyframesTooFar(session: PublishSession): boolean {
  return session.keyframe_interval_ms !== null && session.keyframe_interval_ms > KEYFRAMES_MAX_MS;
}

/** The encoder sends sound and no picture. */
export function soundAlone(session: PublishSession): boolean {
  return session.audio_codec !== null && session.video_codec === null && !session.width;
}

function keyframeAdvice(session: PublishSession): string | null {
  if (!keyframesTooFar(session) || session.keyframe_interval_ms === null) return null;
  const apart = (session.keyframe_interval_ms / 1_000).toFixed(1);
  return `Keyframes are ${apart} s apart, so viewers wait long for their first picture. In OBS, set Settings → Output → Keyframe interval to 2 s.`;
}

function thinAdvice(session: PublishSession): string | null {
  const { bitrate_bps, width, height, frame_rate } = session;
  if (bitrate_bps === null || !width || !height || !frame_rate) return null;
  if (bitrate_bps / (width * height * frame_rate) >= BITS_PER_PIXEL_MIN) return null;
  return `The bitrate is low for a picture of ${width} × ${height}. Raise it in the encoder, or send a smaller picture.`;
}

function troughAdvice(samples: readonly Sample[], now: number): string | null {
  const rates = samples.filter((sample) => now - sample.at <= TROUGH_WINDOW_MS).map((sample) => sample.bps);
  if (rates.length < TROUGH_SAMPLES_MIN) return null;
  const median = [...rates].sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;
  const troughs = rates.filter((bps) => bps < median * TROUGH).length;
  if (troughs < 2) return null;
  return 'The bitrate keeps dropping: the connection cannot carry it. Use a cable instead of Wi-Fi, or lower the bitrate.';
}
