import { describe, expect, it } from 'vitest';

import { type Bounds, move, put, suggest } from './markers';

/** An hour that was recorded, clips of one second to three minutes. */
const BOUNDS: Bounds = { from_ms: 0, to_ms: 3_600_000, shortest_ms: 1_000, longest_ms: 180_000 };
const MARKERS = { in_ms: 1_000_000, out_ms: 1_030_000 };

describe('markers that are suggested', () => {
  it('hold what was just seen', () => {
    expect(suggest(500_000, 30_000, BOUNDS)).toEqual({ in_ms: 470_000, out_ms: 500_000 });
  });

  it('hold what there is at the beginning, and no more than is allowed', () => {
    expect(suggest(5_000, 30_000, BOUNDS)).toEqual({ in_ms: 0, out_ms: 5_000 });
    expect(suggest(0, 30_000, BOUNDS)).toEqual({ in_ms: 0, out_ms: 1_000 });
    expect(suggest(500_000, 30_000, { ...BOUNDS, longest_ms: 10_000 }).in_ms).toBe(490_000);
  });
});

describe('a marker that is put somewhere', () => {
  it('stands there while the other stays, where the two are a clip', () => {
    expect(put('in', 990_000, MARKERS, BOUNDS)).toEqual({
      markers: { in_ms: 990_000, out_ms: 1_030_000 },
      stop: null,
    });
    expect(put('out', 1_100_000, MARKERS, BOUNDS).markers).toEqual({ in_ms: 1_000_000, out_ms: 1_100_000 });
  });

  it('takes the other along where it is put on its wrong side', () => {
    expect(put('in', 2_000_000, MARKERS, BOUNDS).markers).toEqual({ in_ms: 2_000_000, out_ms: 2_030_000 });
    expect(put('out', 500_000, MARKERS, BOUNDS).markers).toEqual({ in_ms: 470_000, out_ms: 500_000 });
  });

  it('takes the other along where the clip would be too long, and says why', () => {
    expect(put('in', 500_000, MARKERS, BOUNDS)).toEqual({
      markers: { in_ms: 500_000, out_ms: 680_000 },
      stop: 'longest',
    });
  });

  it('leaves room for a clip at the ends of what there is', () => {
    expect(put('in', 3_600_000, MARKERS, BOUNDS).markers).toEqual({ in_ms: 3_599_000, out_ms: 3_600_000 });
    expect(put('out', 0, MARKERS, BOUNDS).markers).toEqual({ in_ms: 0, out_ms: 1_000 });
  });
});

describe('a marker that is moved', () => {
  it('stops where the clip becomes too long or too short, and says which', () => {
    expect(move('in', 0, MARKERS, BOUNDS)).toEqual({
      markers: { in_ms: 850_000, out_ms: 1_030_000 },
      stop: 'longest',
    });
    expect(move('in', 1_030_000, MARKERS, BOUNDS)).toEqual({
      markers: { in_ms: 1_029_000, out_ms: 1_030_000 },
      stop: 'shortest',
    });
    expect(move('out', 2_000_000, MARKERS, BOUNDS).stop).toBe('longest');
    expect(move('out', 0, MARKERS, BOUNDS).stop).toBe('shortest');
  });

  it('stops where nothing is recorded any more, or yet', () => {
    const [first, last] = [
      { in_ms: 5_000, out_ms: 9_000 },
      { in_ms: 3_590_000, out_ms: 3_599_000 },
    ];
    expect(move('in', -1, first, BOUNDS)).toEqual({ markers: { in_ms: 0, out_ms: 9_000 }, stop: 'oldest' });
    expect(move('out', 3_700_000, last, BOUNDS)).toMatchObject({ markers: { out_ms: 3_600_000 }, stop: 'newest' });
  });
});
