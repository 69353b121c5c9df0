import { describe, expect, it } from 'vitest';

import { fits, momentAt, shareOf, viewOf } from './view';

const BOUNDS = { from_ms: 0, to_ms: 3_600_000, shortest_ms: 1_000, longest_ms: 180_000 };
const MARKERS = { in_ms: 1_000_000, out_ms: 1_055_000 };

describe('what the bar shows', () => {
  it('has the markers in its middle, with room on both sides', () => {
    const view = viewOf(MARKERS, BOUNDS);
    expect(view).toEqual({ from_ms: 977_500, to_ms: 1_077_500 });
    expect(fits(view, MARKERS, BOUNDS)).toBe(true);
  });

  it('ends where what is recorded ends', () => {
    expect(viewOf({ in_ms: 0, out_ms: 5_000 }, BOUNDS)).toEqual({ from_ms: 0, to_ms: 30_000 });
    const last = { in_ms: 3_595_000, out_ms: 3_600_000 };
    expect(fits(viewOf(last, BOUNDS), last, BOUNDS)).toBe(true);
  });

  it('is all there is, where that is little', () => {
    expect(viewOf({ in_ms: 0, out_ms: 5_000 }, { ...BOUNDS, to_ms: 8_000 })).toEqual({ from_ms: 0, to_ms: 8_000 });
  });

  it('has to change for markers at its ends, and for markers that are too close', () => {
    const view = viewOf(MARKERS, BOUNDS);
    expect(fits(view, { ...MARKERS, in_ms: view.from_ms + 1_000 }, BOUNDS)).toBe(false);
    expect(fits(view, { ...MARKERS, out_ms: view.to_ms }, BOUNDS)).toBe(false);
    expect(fits(view, { ...MARKERS, out_ms: MARKERS.in_ms + 5_000 }, BOUNDS)).toBe(false);
  });

  it('has a place for each moment, and a moment for each place', () => {
    const view = { from_ms: 1_000, to_ms: 5_000 };
    expect([shareOf(2_000, view), momentAt(0.25, view)]).toEqual([0.25, 2_000]);
    expect([shareOf(0, view), shareOf(9_000, view), momentAt(2, view)]).toEqual([0, 1, 5_000]);
  });
});
