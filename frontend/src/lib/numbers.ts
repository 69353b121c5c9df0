/** Counts and measures as people read them. */

const WORDS = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** A measured value and its unit, apart, since they are set in different type. */
export interface Measure {
  value: string;
  unit: string;
}

/** A bit rate: 5.8 Mb/s, 640 kb/s. */
export function bitrate(bps: number): Measure {
  return bps >= 1_000_000
    ? { value: (bps / 1_000_000).toFixed(1), unit: 'Mb/s' }
    : { value: String(Math.round(bps / 1_000)), unit: 'kb/s' };
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** An amount of data, in powers of a thousand as disks are sold: 0 B, 640 kB, 5.8 GB. */
export function bytes(count: number): string {
  let [value, at] = [count, 0];
  while (value >= 999.5 && at < SIZES.length - 1) [value, at] = [value / 1_000, at + 1];
  return `${at === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${SIZES[at]}`;
}

/** A short time: 1.2 s, 14 s. */
export function seconds(value_s: number): string {
  return `${value_s < 9.95 ? value_s.toFixed(1) : Math.round(value_s)} s`;
}

/** A frame rate without noise: 30, 29.97, 59.94. */
export function frameRate(fps: number): string {
  return String(Math.round(fps * 100) / 100);
}

/** A count as running text has it: in words up to twelve. */
export function inWords(count: number): string {
  return WORDS[count] ?? count.toLocaleString('en');
}

/** `1 channel`, `3 channels`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** Upper case in front. */
export function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
