import { describe, expect, it } from 'vitest';

import { CELLS, draw, read } from './bar-code.mjs';

const numbers = [0, 1, 29, 30, 8_999, 65_535, 2 ** 24 - 1];

describe('a bar code', () => {
  it.each(numbers)('of %i is read as what was drawn', (number) => {
    expect(draw(number)).toHaveLength(CELLS);
    expect(read(draw(number))).toBe(number);
  });

  it.each(numbers)('of %i is read through what an encoder makes of it', (number) => {
    const washed = draw(number).map((cell, at) => 40 + cell * 0.7 + ((at * 37) % 21) - 10);
    expect(read(washed)).toBe(number);
  });

  it.each(numbers)('of %i that is damaged in one cell is not read as another number', (number) => {
    for (let at = 0; at < CELLS; at += 1) {
      const damaged = draw(number);
      damaged[at] = 255 - damaged[at];
      expect(read(damaged)).toBeNull();
    }
  });

  it('is not seen where there is none', () => {
    expect(read(Array(CELLS).fill(0))).toBeNull();
    expect(read(Array(CELLS).fill(255))).toBeNull();
  });
});
