import { describe, expect, it } from 'vitest';

import { slugFault, slugOf } from './slug';

describe('an address made of a title', () => {
  it.each([
    ['Harbour Sessions', 'harbour-sessions'],
    ['  Quiz — night! ', 'quiz-night'],
    ['Unter den Linden & Café', 'unter-den-linden-and-cafe'],
    ['Übergröße', 'uebergroesse'],
    ["St Anne's", 'st-annes'],
    ['東京', ''],
    ['7 of 9', '7-of-9'],
    [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
  ])('of %j is %j', (title, slug) => {
    expect(slugOf(title)).toBe(slug);
    if (slug.length >= 2) expect(slugFault(slug)).toBeNull();
  });
});

describe('an address', () => {
  it.each(['ab', 'stage-north', '7of9', 'a'.repeat(40)])('may be %s', (slug) => {
    expect(slugFault(slug)).toBeNull();
  });

  it.each(['', 'a', '-ab', 'ab-', 'Ab', 'a/b', 'a..b', 'über', 'a b', 'a'.repeat(41)])(
    'may not be %j, and says why',
    (slug) => {
      expect(slugFault(slug)).toMatch(/\.$/);
    },
  );
});
