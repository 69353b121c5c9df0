import { expect, it } from 'vitest';

import { testCard } from './test-card';

it('is always the same for the same channel, and bears its initials', () => {
  expect(testCard('stage-north', 'Harbour Sessions')).toEqual(testCard('stage-north', 'Harbour Sessions'));
  expect(testCard('stage-north', 'Harbour Sessions').letters).toBe('HS');
  expect(testCard('ab', 'Étude').letters).toBe('ÉT');
  expect(testCard('tokyo', '…!').letters).toBe('TO');
});

it('tells neighbours apart by tone', () => {
  const slugs = ['stage-north', 'st-anne', 'woodroom', 'townhall', 'the-anchor', 'morning', 'radio-1', 'radio-2'];
  expect(new Set(slugs.map((slug) => testCard(slug, 'X').tone.ground)).size).toBeGreaterThanOrEqual(4);
});
