import { describe, expect, it } from 'vitest';

import { ago, dayAndTime, isoDuration, length, timecode } from './time';

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

describe('a running time', () => {
  it.each([
    [0, '00:00:00'],
    [H + 23 * M + 45 * S, '01:23:45'],
    [59 * S + 999, '00:00:59'],
    [101 * H, '101:00:00'],
    [-5 * S, '00:00:00'],
  ])('of %d ms is %s', (ms, text) => expect(timecode(ms)).toBe(text));

  it('is there for machines, too', () => expect(isoDuration(83_500)).toBe('PT83S'));
});

describe('a length', () => {
  it.each([
    [2 * H + 4 * M + 10 * S, '2:04:10'],
    [12 * M + 8 * S, '12:08'],
    [8 * S, '0:08'],
    [0, '0:00'],
  ])('of %d ms is %s', (ms, text) => expect(length(ms)).toBe(text));
});

describe('how long ago', () => {
  const now = Date.parse('2026-11-20T20:00:00Z');
  const at = (ms: number) => new Date(now - ms).toISOString();

  it.each([
    [10 * S, 'just now'],
    [-10 * S, 'just now'],
    [60 * S, '1 minute ago'],
    [5 * M, '5 minutes ago'],
    [59 * M, '1 hour ago'],
    [23 * H, 'yesterday'],
    [3 * D, '3 days ago'],
    [-2 * H, 'in 2 hours'],
  ])('%d ms is %s', (ms, text) => expect(ago(at(ms), now)).toBe(text));

  it('is a date when it was long ago', () => expect(ago(at(60 * D), now)).toMatch(/^on \d+ \w+ 2026$/));
});

describe('a moment in a list', () => {
  // Local times, since that is what a reader sees.
  const now = new Date(2026, 10, 20, 20, 0).getTime();
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

  it.each([
    [at(2026, 10, 20, 0, 5), 'today 00:05'],
    [at(2026, 10, 19, 22, 10), 'yesterday 22:10'],
    [at(2026, 10, 3, 22, 10), '3 Nov 22:10'],
    [at(2025, 10, 3, 22, 10), '3 Nov 2025'],
  ])('%s is %s', (iso, text) => expect(dayAndTime(iso, now)).toBe(text));
});
