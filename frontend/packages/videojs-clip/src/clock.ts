/**
 * The wall clock of what plays, and back, from the date-times of a playlist. Pure.
 *
 * Media time has no holes, the wall clock has: between shows, and where segments are missing. So every answer comes from
 * the date-time of a segment (EXT-X-PROGRAM-DATE-TIME), never from adding up media time.
 */

/** From one moment to another, in milliseconds since 1970. */
export interface Range {
  from_ms: number;
  to_ms: number;
}

/** What can be marked. */
export interface Recorded extends Range {
  /** It goes on: `to_ms` is the live edge, and moves. */
  live: boolean;
}

/** What the plugin asks about time. Every moment is wall clock, in milliseconds since 1970. */
export interface ClipClock {
  /** The moment at a place in the media, in seconds; null while it is not known. */
  clockAt(time_s: number): number | null;
  /** Where a moment is in the media that plays, in seconds; null where it is not in it. */
  timeAt(moment_ms: number): number | null;
  /** What can be marked now; null while nothing is known. */
  range(): Recorded | null;
  /** What is recorded of a stretch, oldest first; without it, all of `range()` is. */
  recorded?(stretch: Range): Range[];
  /** Shows a moment, where more is needed for it than setting the player's time. */
  seek?(moment_ms: number): void;
}

/** A segment of a playlist, as hls.js has it. */
export interface Segment {
  /** Where it is in media time, in seconds. */
  start: number;
  /** Seconds. */
  duration: number;
  /** Milliseconds since 1970; null where the playlist does not say. */
  programDateTime: number | null;
  /** Listed, but gone. */
  gap?: boolean | undefined;
}

/** Date-times are whole milliseconds and lengths are rounded: segments that follow each other may seem this far apart. */
export const SEAM_MS = 250;

/** Where a segment's picture begins in media time, in seconds, by whoever knows better than the playlist. */
type PictureStart<S> = (segment: S) => number;

/**
 * A clock for a playlist's segments, which are asked for anew each time. `live` says whether the playlist goes on.
 * Sound and picture of a segment begin at different moments; `pictureStart` tells, and then frames are hit exactly.
 */
export function segmentsClock<S extends Segment>(
  segments: () => readonly S[],
  live: () => boolean = () => true,
  pictureStart: PictureStart<S> = ({ start }) => start,
): ClipClock {
  return {
    clockAt: (time_s) => clockAt(segments(), time_s, pictureStart),
    timeAt: (moment_ms) => timeAt(segments(), moment_ms, pictureStart),
    range: () => {
      // Asked several times a second, of playlists as long as a day.
      const all = segments();
      const [first, last] = [all.find(hasMedia), all.findLast(hasMedia)];
      return first && last ? { from_ms: first.programDateTime, to_ms: end_ms(last), live: live() } : null;
    },
    recorded: (stretch) => within(stretchesOf(segments()), stretch),
  };
}

/**
 * The moment at a place in the media; null where nothing is listed, or without a date. What has left a live playlist is
 * taken to have been as far before what is listed as it is in the media: a picture that stands still may be there.
 */
export function clockAt<S extends Segment>(
  segments: readonly S[],
  time_s: number,
  pictureStart: PictureStart<S> = ({ start }) => start,
): number | null {
  const found = lastWhere(segments, (segment) => pictureStart(segment) <= time_s) ?? segments[0];
  if (!found || found.programDateTime === null) return null;
  const into_s = Math.min(time_s - pictureStart(found), found.duration);
  return found.programDateTime + into_s * 1_000;
}

/** Where a moment is; null where nothing is listed for it. What falls into a seam is the beginning of what follows. */
export function timeAt<S extends Segment>(
  segments: readonly S[],
  moment_ms: number,
  pictureStart: PictureStart<S> = ({ start }) => start,
): number | null {
  const at = segments.findLastIndex((segment) => hasMedia(segment) && segment.programDateTime <= moment_ms);
  const [here, next] = [segments[at], segments[at + 1]];
  if (!here || !hasMedia(here)) return null;
  if (moment_ms < end_ms(here)) return pictureStart(here) + (moment_ms - here.programDateTime) / 1_000;
  return next && hasMedia(next) && next.programDateTime - end_ms(here) <= SEAM_MS ? pictureStart(next) : null;
}

/** Stretches of the wall clock without a hole, oldest first. */
export function stretchesOf(segments: readonly Segment[]): Range[] {
  const stretches: Range[] = [];
  for (const segment of segments.filter(hasMedia)) {
    const last = stretches.at(-1);
    if (last && Math.abs(segment.programDateTime - last.to_ms) <= SEAM_MS) last.to_ms = end_ms(segment);
    else stretches.push({ from_ms: segment.programDateTime, to_ms: end_ms(segment) });
  }
  return stretches;
}

/** What of some stretches lies in another, cut to it. */
export function within(stretches: readonly Range[], { from_ms, to_ms }: Range): Range[] {
  return stretches
    .map((stretch) => ({ from_ms: Math.max(stretch.from_ms, from_ms), to_ms: Math.min(stretch.to_ms, to_ms) }))
    .filter((stretch) => stretch.from_ms < stretch.to_ms);
}

/** A segment whose moment is known. */
export type Dated = Segment & { programDateTime: number };

/** It can be played, and it is known of when it is. */
export function hasMedia<S extends Segment>(segment: S): segment is S & Dated {
  return segment.programDateTime !== null && !segment.gap;
}

/** The moment at which a segment ends. */
export function end_ms(segment: Dated): number {
  return segment.programDateTime + segment.duration * 1_000;
}

/** The last of a sorted list for which something holds that holds for all before it. */
export function lastWhere<T>(list: readonly T[], holds: (item: T) => boolean): T | undefined {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}
