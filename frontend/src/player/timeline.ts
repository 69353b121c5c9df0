/**
 * The wall clock of a playlist, and back: which moment a place in the media is, and where a moment is found. Pure.
 *
 * Media time has no holes, the wall clock has: between shows, and where segments are missing. So every answer comes from
 * the date-time of a segment, never from adding up media time.
 */

/** A segment, as hls.js has it. */
export interface Segment {
  /** Where it is in media time. */
  start: number;
  /** Seconds. */
  duration: number;
  /** Milliseconds since 1970; null where the playlist does not say. */
  programDateTime: number | null;
  /** Listed, but gone. */
  gap?: boolean | undefined;
}

/** Where a moment is found. */
export interface Place {
  time_s: number;
  /** The moment that is there: the one asked for, or the next that was recorded. */
  clock_ms: number;
  /** `before` and `after`: outside of all that is listed. `next`: nothing was recorded then. */
  found: 'there' | 'next' | 'before' | 'after';
}

/** Date-times are whole milliseconds and lengths are rounded: segments that follow each other may seem this far apart. */
const SEAM_MS = 250;

/** The moment at a place in the media; null where nothing is listed. */
export function clockAt(segments: readonly Segment[], time_s: number): number | null {
  const found = lastWhere(segments, (segment) => segment.start <= time_s) ?? segments[0];
  if (!found || found.programDateTime === null) return null;
  const into_s = Math.min(Math.max(0, time_s - found.start), found.duration);
  return found.programDateTime + into_s * 1_000;
}

/** Where a moment is; null where nothing is listed, or without a date. */
export function placeOf(segments: readonly Segment[], moment_ms: number): Place | null {
  const dated = segments.filter(hasMedia);
  const [first, last] = [dated[0], dated.at(-1)];
  if (!first || !last) return null;
  const at = lastWhere(dated, (segment) => segment.programDateTime <= moment_ms);
  if (!at) return begin(first, 'before');
  const into_ms = moment_ms - at.programDateTime;
  if (into_ms < at.duration * 1_000) return { time_s: at.start + into_ms / 1_000, clock_ms: moment_ms, found: 'there' };
  const next = dated[dated.indexOf(at) + 1];
  if (!next) return { time_s: last.start + last.duration, clock_ms: end_ms(last), found: 'after' };
  return begin(next, next.programDateTime - end_ms(at) <= SEAM_MS ? 'there' : 'next');
}

type Dated = Segment & { programDateTime: number };

function hasMedia(segment: Segment): segment is Dated {
  return segment.programDateTime !== null && !segment.gap;
}

function begin(segment: Dated, found: Place['found']): Place {
  return { time_s: segment.start, clock_ms: segment.programDateTime, found };
}

function end_ms(segment: Dated): number {
  return segment.programDateTime + segment.duration * 1_000;
}

/** The last of a sorted list for which something holds that holds for all before it. */
function lastWhere<T>(list: readonly T[], holds: (item: T) => boolean): T | undefined {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}
