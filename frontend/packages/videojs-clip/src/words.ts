/** Times and lengths as people read them. Pure, but for the reader's time zone. */
import type { Clip } from './transport';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A moment as a clock on the wall shows it: `20:41:07`. */
export function clockOf(moment_ms: number): string {
  return clock.format(moment_ms);
}

/** The same to the hundredth of a second, which tells frames apart: `20:41:07.23`. */
export function clockExact(moment_ms: number): string {
  const hundredths = Math.floor(moment_ms / 10) % 100;
  return `${clock.format(moment_ms)}.${String(hundredths).padStart(2, '0')}`;
}

/** A length on a readout: `7.3 s`, `1:04.0`. */
export function lengthOf(length_ms: number): string {
  const tenths = Math.round(length_ms / 100);
  const [minutes, seconds] = [Math.floor(tenths / 600), (tenths % 600) / 10];
  return minutes === 0 ? `${seconds.toFixed(1)} s` : `${minutes}:${seconds.toFixed(1).padStart(4, '0')}`;
}

/** A length in a sentence: `1 second`, `30 seconds`, `3 minutes`, `3 minutes 20 seconds`. */
export function inWords(length_ms: number): string {
  const seconds = Math.max(0, Math.round(length_ms / 1_000));
  const minutes = Math.floor(seconds / 60);
  const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const parts = [minutes > 0 && counted(minutes, 'minute'), seconds % 60 > 0 && counted(seconds % 60, 'second')];
  return parts.filter(Boolean).join(' ') || '0 seconds';
}

/** How much earlier a clip begins than was asked for, in seconds; null where nobody would notice. */
export function early_s({ start, actual_start }: Pick<Clip, 'start' | 'actual_start'>): number | null {
  if (actual_start === null) return null;
  const early_ms = Date.parse(start) - Date.parse(actual_start);
  return early_ms >= 50 ? early_ms / 1_000 : null;
}
