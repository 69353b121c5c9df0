import { expect, it } from 'vitest';

import { bitrate, capital, counted, frameRate, inWords, seconds } from './numbers';

it.each([
  [5_810_000, '5.8', 'Mb/s'],
  [999_400, '999', 'kb/s'],
  [0, '0', 'kb/s'],
])('shows %d bits a second with a unit that fits', (bps, value, unit) => {
  expect(bitrate(bps)).toEqual({ value, unit });
});

it.each([
  [1.234, '1.2 s'],
  [9.949, '9.9 s'],
  [9.96, '10 s'],
  [61.5, '62 s'],
])('shows %d seconds as finely as they matter', (value_s, text) => expect(seconds(value_s)).toBe(text));

it.each([
  [30, '30'],
  [29.97003, '29.97'],
  [59.94, '59.94'],
])('shows a frame rate of %d without noise', (fps, text) => expect(frameRate(fps)).toBe(text));

it('says small counts in words and large ones in figures', () => {
  expect(capital(inWords(3))).toBe('Three');
  expect(inWords(12)).toBe('twelve');
  expect(inWords(1_234)).toBe('1,234');
});

it('counts one and many', () => {
  expect(counted(1, 'person', 'people')).toBe('1 person');
  expect(counted(0, 'channel')).toBe('0 channels');
  expect(counted(1_200, 'channel')).toBe('1,200 channels');
});
