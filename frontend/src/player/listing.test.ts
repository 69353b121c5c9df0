import { expect, it } from 'vitest';

import { segmentsOf } from './listing';

const NOON = Date.parse('2026-11-21T12:00:00Z');

it('a playlist is read with its dates and gaps, from where the browser has put it', () => {
  const text = [
    '#EXTM3U',
    '#EXT-X-TARGETDURATION:2',
    '#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000Z',
    '#EXTINF:2.000,',
    'segments/one.ts',
    '#EXTINF:1.500,',
    'segments/two.ts',
    '',
    '#EXT-X-DISCONTINUITY',
    '#EXT-X-PROGRAM-DATE-TIME:2026-11-21T13:00:00.000Z',
    '#EXT-X-GAP',
    '#EXTINF:2,',
    'segments/three.ts',
  ].join('\r\n');
  expect(segmentsOf(text, 40)).toEqual([
    { start: 40, duration: 2, programDateTime: NOON, gap: false },
    { start: 42, duration: 1.5, programDateTime: NOON + 2_000, gap: false },
    { start: 43.5, duration: 2, programDateTime: NOON + 3_600_000, gap: true },
  ]);
  expect(segmentsOf('not found', 0)).toEqual([]);
});
