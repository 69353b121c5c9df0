import { describe, expect, it } from 'vitest';

import { clockAt, type Segment, segmentsClock, stretchesOf, timeAt } from './clock';

const NINE = Date.parse('2026-11-21T09:00:00Z');
const at = (start: number, clock_s: number | null, more: Partial<Segment> = {}): Segment => ({
  start,
  duration: 2,
  programDateTime: clock_s === null ? null : NINE + clock_s * 1_000,
  ...more,
});

/** Two encoders with ten minutes between them; media time has no hole. The second's clock is a little off the grid. */
const JOINED = [at(100, 0), at(102, 2), at(104, 604.04), at(106, 606.04)];

describe('the wall clock', () => {
  it('follows the date-times across a discontinuity, not the media time', () => {
    expect(clockAt(JOINED, 103.5)).toBe(NINE + 3_500);
    expect(clockAt(JOINED, 104)).toBe(NINE + 604_040);
    expect(clockAt(JOINED, 105.25)).toBe(NINE + 605_290);
  });

  it('finds a moment on either side of it, and nothing in the hole', () => {
    expect(timeAt(JOINED, NINE + 3_500)).toBe(103.5);
    expect(timeAt(JOINED, NINE + 605_290)).toBeCloseTo(105.25);
    expect(timeAt(JOINED, NINE + 300_000)).toBeNull();
  });

  it('goes back and forth without a loss', () => {
    for (const time_s of [100, 101.999, 102, 104.001, 107.5]) {
      expect(timeAt(JOINED, clockAt(JOINED, time_s) ?? 0)).toBeCloseTo(time_s, 6);
    }
  });

  it('goes by where the picture begins, where that is known better than where the segment does', () => {
    const later = ({ start }: Segment) => start + 0.064;
    expect(clockAt(JOINED, 102.064, later)).toBe(NINE + 2_000);
    expect(clockAt(JOINED, 102.05, later)).toBeCloseTo(NINE + 1_986);
    expect(timeAt(JOINED, NINE + 604_040, later)).toBe(104.064);
  });

  it('knows the moment of a picture that stands still while a live playlist leaves it behind', () => {
    const left = JOINED.filter(({ start }) => start >= 102);
    expect(clockAt(left, 100.5)).toBe(clockAt(JOINED, 100.5));
  });

  it('takes a rounded seam between two segments for none', () => {
    const seam = [at(0, 0), at(2, 2.1)];
    expect(timeAt(seam, NINE + 2_050)).toBe(2);
    expect(stretchesOf(seam)).toHaveLength(1);
  });

  it('knows nothing of what is outside, missing or without a date', () => {
    expect(timeAt(JOINED, NINE - 1)).toBeNull();
    expect(timeAt(JOINED, NINE + 700_000)).toBeNull();
    expect(timeAt([at(0, 0), at(2, 2, { gap: true })], NINE + 2_500)).toBeNull();
    expect(clockAt([at(0, null)], 1)).toBeNull();
    expect(clockAt([], 1)).toBeNull();
    expect(clockAt(JOINED, Infinity)).toBe(NINE + 608_040);
  });

  it('says what is recorded, in stretches without a hole', () => {
    const clock = segmentsClock(
      () => JOINED,
      () => false,
    );
    expect(clock.range()).toEqual({ from_ms: NINE, to_ms: NINE + 608_040, live: false });
    expect(clock.recorded?.({ from_ms: NINE + 1_000, to_ms: NINE + 605_040 })).toEqual([
      { from_ms: NINE + 1_000, to_ms: NINE + 4_000 },
      { from_ms: NINE + 604_040, to_ms: NINE + 605_040 },
    ]);
    expect(segmentsClock(() => []).range()).toBeNull();
  });
});
