/**
 * Where a moment of the wall clock is found in a playlist, or what is found in its place. Pure.
 *
 * Media time has no holes, the wall clock has: between shows, and where segments are missing. So every answer comes from
 * the date-time of a segment, never from adding up media time. The way back is the clip plugin's `clockAt`.
 */
import { type Dated, end_ms, hasMedia, lastWhere, SEAM_MS, type Segment } from '@sluice/videojs-clip/clock';

/** Where a moment is found. */
export interface Place {
  time_s: number;
  /** The moment that is there: the one asked for, or the next that was recorded. */
  clock_ms: number;
  /** `before` and `after`: outside of all that is listed. `next`: nothing was recorded then. */
  found: 'there' | 'next' | 'before' | 'after';
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

function begin(segment: Dated, found: Place['found']): Place {
  return { time_s: segment.start, clock_ms: segment.programDateTime, found };
}
