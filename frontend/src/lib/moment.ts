/**
 * Moments in addresses and in fields. Pure, but for the reader's time zone.
 *
 * `?t=2026-11-21T10:15:30Z` on a watch page opens it there: RFC 3339, in UTC, to the second.
 */
import type { Range } from './day';

/** The moment that an address names, in milliseconds since 1970; null for what is none. */
export function readMoment(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text)) return null;
  const moment_ms = Date.parse(text);
  // Some engines take the 31st of a short month for a day of the next.
  return Number.isNaN(moment_ms) || !new Date(moment_ms).toISOString().startsWith(text.slice(0, 19)) ? null : moment_ms;
}

/** A moment as addresses name it, cut to the second. */
export function writeMoment(moment_ms: number): string {
  return new Date(moment_ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The address of a moment of a channel. */
export function momentAddress(slug: string, moment_ms: number): string {
  return `/watch/${encodeURIComponent(slug)}?t=${writeMoment(moment_ms)}`;
}

/** The latest moment of a range at which clocks here show this: `20:41`, `20:41:07`. Null where there is none. */
export function momentOfClock(text: string, { from_ms, to_ms }: Range): number | null {
  const [, hours, minutes, seconds = '0'] = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text.trim()) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59 || hours === undefined) return null;
  const last = new Date(to_ms);
  for (const back of [0, 1]) {
    const day = last.getDate() - back;
    const at = new Date(last.getFullYear(), last.getMonth(), day, +hours, Number(minutes), Number(seconds)).getTime();
    if (at <= to_ms) return at >= from_ms ? at : null;
  }
  return null;
}

/** A moment as a `datetime-local` field has it, where the reader is: `2026-11-21T20:41:07`. */
export function writeLocal(moment_ms: number): string {
  const at = new Date(moment_ms);
  return new Date(moment_ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** What such a field says, as a moment of a range; null where it is none. */
export function readLocal(text: string, { from_ms, to_ms }: Range): number | null {
  const moment_ms = new Date(text).getTime();
  return moment_ms >= from_ms && moment_ms <= to_ms ? moment_ms : null;
}
