import { describe, expect, it } from 'vitest';

import { clockAt, type Segment } from '@sluice/videojs-clip/clock';

import { placeOf } from './timeline';

const NOON = Date.parse('2026-11-21T12:00:00Z');

/** Two shows of three segments of 2 s: one at noon, one an hour later. Media time goes straight on. */
const day: Segment[] = [0, 1, 2, 3, 4, 5].map((at) => ({
  start: 100 + 2 * at,
  duration: 2,
  programDateTime: NOON + 2_000 * at + (at < 3 ? 0 : 3_594_000),
}));
const ONE = NOON + 3_600_000;

describe('a moment', () => {
  it('that was recorded is found where it is', () => {
    expect(placeOf(day, NOON + 3_500)).toEqual({ time_s: 103.5, clock_ms: NOON + 3_500, found: 'there' });
    expect(placeOf(day, ONE + 1)).toMatchObject({ time_s: 106.001, found: 'there' });
  });

  it('between two shows goes to the start of the next', () => {
    expect(placeOf(day, NOON + 1_800_000)).toEqual({ time_s: 106, clock_ms: ONE, found: 'next' });
  });

  it('outside of all that is listed goes to its nearest end', () => {
    expect(placeOf(day, NOON - 1)).toEqual({ time_s: 100, clock_ms: NOON, found: 'before' });
    expect(placeOf(day, ONE + 60_000)).toEqual({ time_s: 112, clock_ms: ONE + 6_000, found: 'after' });
  });

  it('in a segment that is gone goes to the next that is there', () => {
    const holed = day.map((segment, at) => ({ ...segment, gap: at === 1 }));
    expect(placeOf(holed, NOON + 2_500)).toEqual({ time_s: 104, clock_ms: NOON + 4_000, found: 'next' });
  });

  it('in the seam of two segments is there, and not in a gap', () => {
    const rounded = day.map((segment) => ({ ...segment, duration: 1.995 }));
    expect(placeOf(rounded, NOON + 1_998)).toMatchObject({ time_s: 102, found: 'there' });
  });

  it('is found again where its clock says, anywhere in a day of segments', () => {
    const long = Array.from({ length: 14_400 }, (_, at) => ({
      start: at * 6,
      duration: 6,
      programDateTime: NOON + at * 6_000,
    }));
    for (let time_s = 1.25; time_s < 86_400; time_s += 997.5) {
      const clock = clockAt(long, time_s) as number;
      expect(placeOf(long, clock)?.time_s).toBeCloseTo(time_s, 6);
    }
  });

  it('is nowhere in an empty playlist', () => expect(placeOf([], NOON)).toBeNull());
});
