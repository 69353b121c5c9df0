/**
 * A stretch of a channel's time on the wall clock: what was recorded in it, and where a moment stands. Pure.
 *
 * The playlist has the last word on what can be played; these are the same rules, for showing and saying it before.
 */
import type { Range } from '@sluice/videojs-clip/clock';

import type { Show } from './model';
import { dayAround } from './time';

export type { Range };
export { momentAt, shareOf } from '@sluice/videojs-clip/view';

/** A stretch without a hole, of one show. */
export interface Span extends Range {
  show: Show;
  /** It goes on. */
  live: boolean;
}

/** Where a viewer lands who asked for a moment. */
export interface Landing {
  at_ms: number;
  /** `next`: nothing was recorded then; `first`: before all there is; `end`: after it; `live`: it is now. */
  why: 'there' | 'next' | 'first' | 'end' | 'live';
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** As good as now: whoever asks for a later moment wants to be live. */
const LIVE_WITHIN_MS = 8_000;
/** From the end of a show, so much of it is played. */
const TAIL_MS = 10_000;

/** What was recorded in a range up to now, oldest first: shows without their gaps, cut to the range. */
export function spansOf(shows: readonly Show[], range: Range, now_ms = range.to_ms): Span[] {
  return shows
    .flatMap((show) => stretches(show, now_ms))
    .map((span) => ({
      ...span,
      from_ms: Math.max(span.from_ms, range.from_ms),
      to_ms: Math.min(span.to_ms, range.to_ms),
    }))
    .filter((span) => span.from_ms < span.to_ms)
    .sort((one, other) => one.from_ms - other.from_ms);
}

function stretches(show: Show, now_ms: number): Span[] {
  const ends_ms = show.ended_at === null ? now_ms : Date.parse(show.ended_at);
  const gaps = show.gaps
    .map(({ from, to }) => ({ from_ms: Date.parse(from), to_ms: Date.parse(to) }))
    .sort((one, other) => one.from_ms - other.from_ms);
  const begins = [Date.parse(show.started_at), ...gaps.map((gap) => gap.to_ms)];
  const ends = [...gaps.map((gap) => gap.from_ms), ends_ms];
  return begins.map((from_ms, at) => {
    const last = at === begins.length - 1;
    return { from_ms, to_ms: ends[at] ?? ends_ms, show, live: show.live && last };
  });
}

/**
 * Shows by the days where the viewer is, newest first; `range` is a day from midnight to midnight. A show over midnight is
 * listed under each of its days.
 */
export function byDay(shows: readonly Show[], now_ms: number): { range: Range; shows: Show[] }[] {
  const days = new Map<number, { range: Range; shows: Show[] }>();
  const newestFirst = [...shows].sort((one, other) => Date.parse(other.started_at) - Date.parse(one.started_at));
  for (const show of newestFirst) {
    const ends_ms = show.ended_at === null ? now_ms : Date.parse(show.ended_at);
    let range = dayAround(Date.parse(show.started_at));
    do {
      const day = days.get(range.from_ms);
      if (day) day.shows.push(show);
      else days.set(range.from_ms, { range, shows: [show] });
      range = dayAround(range.to_ms);
    } while (range.from_ms < ends_ms);
  }
  return [...days.values()].sort((one, other) => other.range.from_ms - one.range.from_ms);
}

/** What was recorded at a moment. */
export function spanAt(moment_ms: number, spans: readonly Span[]): Span | undefined {
  return spans.find((span) => span.from_ms <= moment_ms && moment_ms < span.to_ms);
}

/** Where a viewer lands who asks for a moment; null where nothing is recorded at all. `live`: there is a show now. */
export function land(moment_ms: number, spans: readonly Span[], now: { ms: number; live: boolean }): Landing | null {
  if (now.live && moment_ms > now.ms - LIVE_WITHIN_MS) return { at_ms: now.ms, why: 'live' };
  if (spanAt(moment_ms, spans)) return { at_ms: moment_ms, why: 'there' };
  const next = spans.find((span) => span.from_ms > moment_ms);
  if (next) return { at_ms: next.from_ms, why: next === spans[0] ? 'first' : 'next' };
  if (now.live) return { at_ms: now.ms, why: 'live' };
  const last = spans.at(-1);
  return last ? { at_ms: tailOf(last), why: 'end' } : null;
}

/** The moment some way from another. Backwards across a gap it is in the show before, not again where it began. */
export function step(moment_ms: number, by_ms: number, spans: readonly Span[]): number {
  const goal_ms = moment_ms + by_ms;
  if (by_ms >= 0 || spanAt(goal_ms, spans)) return goal_ms;
  const before = spans.filter((span) => span.to_ms <= goal_ms).at(-1);
  return before ? tailOf(before) : goal_ms;
}

function tailOf(span: Span): number {
  return Math.max(span.from_ms, span.to_ms - TAIL_MS);
}

/** A mark on a strip's scale. */
export interface Tick {
  at_ms: number;
  /** A day begins here. */
  midnight: boolean;
}

const TICK_HOURS = [1, 2, 3, 6, 12, 24];

/** Marks at whole hours where the viewer is, no more than `most`; the same hours each day, whatever clocks are changed. */
export function ticks({ from_ms, to_ms }: Range, most: number): Tick[] {
  const hours = TICK_HOURS.find((step) => (to_ms - from_ms) / (step * HOUR) <= most) ?? 24;
  const every = Math.max(1, Math.ceil((to_ms - from_ms) / DAY / most));
  const found: Tick[] = [];
  const first = new Date(from_ms);
  for (let day = 0; day <= (to_ms - from_ms) / DAY + 1; day += 1) {
    if (hours === 24 && day % every !== 0) continue;
    for (let hour = 0; hour < 24; hour += hours) {
      const at = new Date(first.getFullYear(), first.getMonth(), first.getDate() + day, hour);
      // A night in which clocks are put forward has an hour less.
      if (at.getHours() !== hour) continue;
      if (at.getTime() >= from_ms && at.getTime() <= to_ms) found.push({ at_ms: at.getTime(), midnight: hour === 0 });
    }
  }
  return found;
}
