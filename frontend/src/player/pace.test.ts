import { describe, expect, it } from 'vitest';

import { FASTEST, rateFor, REACH_S } from './pace';

const TARGET_S = 1.1;
const at = (behind_s: number, buffer_s = 1) => ({ behind_s, target_s: TARGET_S, buffer_s });

describe('the rate', () => {
  it.each([
    ['as the show goes, where it should be', 1.1, 1, 1],
    ['as the show goes, a tenth of a second off', 1.2, 1, 1],
    ['a little faster, somewhat behind', 1.4, 1, 1.05],
    ['faster, far behind', 2, 1, 1.1],
    ['a little slower, too close', 0.9, 1, 0.95],
    ['faster until it is there', 1.14, 1.05, 1.05],
    ['as the show goes, once it is there', 1.12, 1.05, 1],
    ['slower until it is there', 1.05, 0.95, 0.95],
    ['as the show goes, once it is far enough', 1.09, 0.95, 1],
    ['as the show goes in between, never from one into the other', 1.5, 0.95, 1],
    ['as the show goes in between, the other way too', 0.8, 1.1, 1],
  ])('is %s', (_, behind_s, before, after) => {
    expect(rateFor(at(behind_s), before)).toBe(after);
  });

  it('does not hurry into an empty buffer', () => {
    expect(rateFor(at(3, 0.2), 1)).toBe(1);
    expect(rateFor(at(3, 0.2), 1.1)).toBe(1);
  });

  it('leaves those alone who are far off, since they want to be there', () => {
    expect(rateFor(at(TARGET_S + REACH_S + 0.1), 1)).toBe(1);
  });

  it('is never above the fastest, whatever the distance', () => {
    for (let behind_s = 0; behind_s < 60; behind_s += 0.05) {
      for (const before of [0.95, 1, 1.05, 1.1]) {
        expect(rateFor(at(behind_s), before)).toBeLessThanOrEqual(FASTEST);
      }
    }
  });

  it('brings a player from ten seconds behind to its place, and keeps it there', () => {
    let behind_s = 10;
    let rate = 1;
    let changes = 0;
    for (let time_s = 0; time_s < 300; time_s += 0.25) {
      const next = rateFor(at(behind_s), rate);
      if (next !== rate) changes += 1;
      rate = next;
      behind_s -= (rate - 1) * 0.25;
    }
    expect(Math.abs(behind_s - TARGET_S)).toBeLessThan(0.12);
    expect(changes).toBeLessThan(5);
  });
});
