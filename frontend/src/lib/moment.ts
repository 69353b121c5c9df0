/**
 * Moments in addresses and in fields. Pure, but for the reader's time zone.
 *
 * `?t=2026-11-21T10:15:30Z` on a watch page opens it there: RFC 3339, in UTC, to the second.
 */
import type { Range } from './day';

const HOUR_MS = 3_600_000;

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
    const at = new Date(last.getFullYear(), last.getMonth(), day, +hours, Number(minutes), Number(seconds));
    const latest_ms = latestOf(at, +hours, to_ms);
    if (latest_ms !== null) return latest_ms >= from_ms ? latest_ms : null;
  }
  return null;
}

/**
 * The latest moment up to `to_ms` at which clocks here show what they show at `at`: twice, when they are put back an hour.
 * Null where they do not show these hours by then, or never do, since they are put forward just there.
 */
function latestOf(at: Date, hours: number, to_ms: number): number | null {
  // A time that there is not is taken for one an hour off.
  if (at.getHours() !== hours) return null;
  const again = new Date(at.getTime() + HOUR_MS);
  if (again.getHours() === hours && again.getTime() <= to_ms) return again.getTime();
  return at.getTime() <= to_ms ? at.getTime() : null;
}

/** A moment as a `datetime-local` field has it, where the reader is: `2026-11-21T20:41:07`. */
export function writeLocal(moment_ms: number): string {
  const at = new Date(moment_ms);
  return new Date(moment_ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** What such a field says, as the latest such moment of a range; null where there is none. */
export function readLocal(text: string, { from_ms, to_ms }: Range): number | null {
  const latest_ms = latestOf(new Date(text), Number(/T(\d\d)/.exec(text)?.[1]), to_ms);
  return latest_ms !== null && latest_ms >= from_ms ? latest_ms : null;
}
