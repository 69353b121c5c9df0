import { describe, expect, it } from 'vitest';

import { StallWatch } from './stalls';

const MINUTE_MS = 60_000;

/** Whether each of these stalls was one too many. */
const judged = (watch: StallWatch, ...at_ms: number[]) => at_ms.map((at) => watch.add(at));

describe('stalls', () => {
  it('are one too many when three come within a minute', () => {
    expect(judged(new StallWatch(), 0, 20_000, 59_999)).toEqual([false, false, true]);
  });

  it('are borne while they come more seldom', () => {
    expect(judged(new StallWatch(), 0, 30_000, 60_000, 95_000, 130_000)).toEqual([false, false, false, false, false]);
  });

  it('are counted anew after a pardon', () => {
    const watch = new StallWatch();
    judged(watch, 1_000, 2_000, 3_000);
    watch.pardon();
    expect(judged(watch, 5_000, 6_000, 7_000)).toEqual([false, false, true]);
  });

  it('ask for more distance each, up to a bound, and for none once they are forgotten', () => {
    const watch = new StallWatch();
    expect(watch.margin_s(0)).toBe(0);
    watch.add(1_000);
    expect(watch.margin_s(1_000)).toBeCloseTo(0.3);
    watch.add(2_000);
    expect(watch.margin_s(2_000)).toBeCloseTo(0.6);
    for (let at = 3_000; at < 20_000; at += 1_000) watch.add(at);
    expect(watch.margin_s(20_000)).toBe(1.5);
    expect(watch.margin_s(20_000 + 5 * MINUTE_MS)).toBe(0);
  });

  it('ask for distance after a pardon too', () => {
    const watch = new StallWatch();
    watch.add(1_000);
    watch.pardon();
    expect(watch.margin_s(2_000)).toBeCloseTo(0.3);
  });
});
