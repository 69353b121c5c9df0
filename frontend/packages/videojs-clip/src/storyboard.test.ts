import { expect, it } from 'vitest';

import { storyboardOf } from './storyboard';

const MAP = `WEBVTT

00:00:00.000 --> 00:00:10.000
sheet-1.jpg#xywh=0,0,160,90

00:00:10.000 --> 01:00:20.500
sheet-1.jpg#xywh=160,0,160,90

NOTE what is no piece of a sheet is passed over
00:00:10.000 --> 00:00:20.000
whole.jpg
`;

it('finds the piece of a sheet that shows a moment', () => {
  const board = storyboardOf(MAP, 'https://media.example.org/boards/map.vtt', 1_000_000);
  const sheet = { src: 'https://media.example.org/boards/sheet-1.jpg', y: 0, width: 160, height: 90 };
  expect(board(1_000_000)).toMatchObject({ ...sheet, x: 0 });
  expect(board(1_010_000)).toMatchObject({ ...sheet, x: 160 });
  expect(board(999_999)).toBeNull();
  expect(board(1_000_000 + 3_620_500)).toBeNull();
});
