/** Times and lengths as people read them. Pure: the present is passed in. */
export { clockOf } from '@sluice/videojs-clip/words';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const weekdayYear = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const weekdayShort = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** A running time: `01:23:45`, never below zero. */
export function timecode(length_ms: number): string {
  const seconds = Math.max(0, Math.floor(length_ms / SECOND));
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(':');
}

/** The length of something that is over: `2:04:10`, `12:08`. */
export function length(length_ms: number): string {
  const seconds = Math.max(0, Math.round(length_ms / SECOND));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = `${twoDigits(minutes)}:${twoDigits(seconds % 60)}`;
  return hours > 0 ? `${hours}:${tail}` : tail.replace(/^0/, '');
}

/** A running time for a machine to read (HTML's `datetime`): `PT5025S`. */
export function isoDuration(length_ms: number): string {
  return `PT${Math.max(0, Math.floor(length_ms / SECOND))}S`;
}

/** How far away a moment is: `just now`, `5 minutes ago`, `yesterday`. */
export function ago(iso: string, now: number): string {
  const off = Date.parse(iso) - now;
  const distance = Math.abs(off);
  if (distance < 45 * SECOND) return 'just now';
  if (distance < 45 * MINUTE) return relative.format(awayFromZero(off / MINUTE), 'minute');
  if (distance < 22 * HOUR) return relative.format(awayFromZero(off / HOUR), 'hour');
  if (distance < 26 * DAY) return relative.format(awayFromZero(off / DAY), 'day');
  return `on ${dayMonthYear.format(new Date(iso))}`;
}

/** A moment as a list shows it: `today 19:18`, `yesterday 22:10`, `3 Nov 22:10`, `3 Nov 2025`. */
export function dayAndTime(iso: string, now: number): string {
  const moment = new Date(iso);
  const days = calendarDays(moment, new Date(now));
  if (days === 0) return `today ${clockTime.format(moment)}`;
  if (days === 1) return `yesterday ${clockTime.format(moment)}`;
  if (moment.getFullYear() === new Date(now).getFullYear()) {
    return `${dayMonth.format(moment)} ${clockTime.format(moment)}`;
  }
  return dayMonthYear.format(moment);
}

/** A moment as a clock on the wall shows it, to the minute: `20:41`. */
export function clockMinute(moment_ms: number): string {
  return clockTime.format(moment_ms);
}

/** A day as a scale has room for it: `Fri 20`. */
export function dayShort(moment_ms: number): string {
  return weekdayShort.format(moment_ms).replace(',', '');
}

/** A day as running text has it: `today`, `yesterday`, `Friday 20 November`. */
export function dayOf(moment_ms: number, now: number): string {
  const moment = new Date(moment_ms);
  const days = calendarDays(moment, new Date(now));
  if (days === 0) return 'today';
  if (days === 1) return 'yesterday';
  return (moment.getFullYear() === new Date(now).getFullYear() ? weekday : weekdayYear).format(moment).replace(',', '');
}

/** Midnight of a moment's day where the reader is, and the midnight after it. */
export function dayAround(moment_ms: number): { from_ms: number; to_ms: number } {
  const at = new Date(moment_ms);
  const midnight = (day: number) => new Date(at.getFullYear(), at.getMonth(), day).getTime();
  return { from_ms: midnight(at.getDate()), to_ms: midnight(at.getDate() + 1) };
}

/** A moment in full, for a tooltip: `Friday, 20 November 2026 at 19:18:03`. */
export function inFull(iso: string): string {
  return full.format(new Date(iso));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** At least one: nothing is "in 0 minutes". */
function awayFromZero(value: number): number {
  return Math.sign(value) * Math.max(1, Math.round(Math.abs(value)));
}

/** Midnights between two moments where the reader is. */
function calendarDays(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / DAY);
}
