import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import '@sluice/videojs-clip';

import * as picture from './picture';
import { Storyboard } from './storyboard.svelte';

const NOW = Date.parse('2026-11-21T12:20:00Z');
const at = (clock: string) => Date.parse(`2026-11-21T${clock}Z`);
const URL = 'http://site/live/~t/stage-north/storyboard.vtt';
/** Ten seconds at the beginning of an hour, and ten that end it. */
const MAP = `WEBVTT

00:00:00.000 --> 00:00:10.000
storyboards/one.jpg#xywh=0,0,160,90

00:59:50.000 --> 01:00:00.000
storyboards/two.jpg#xywh=800,360,160,90
`;
const settled = () => vi.advanceTimersByTimeAsync(0);

let asked: ReturnType<typeof vi.fn>;
let fetched: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  asked = vi.fn(async () => new Response(MAP));
  vi.stubGlobal('fetch', asked);
  fetched = vi.spyOn(picture, 'fetchPicture').mockResolvedValue();
});
afterEach(() => vi.useRealTimers());

describe('a storyboard', () => {
  it('fetches nothing before a moment is asked for, then the map of its hour and its sheet', async () => {
    const board = new Storyboard(() => URL);
    expect(board.at(at('10:00:05'))).toBeNull();
    expect(asked).not.toHaveBeenCalled();
    board.want(at('10:00:05'));
    await settled();
    const from = encodeURIComponent('2026-11-21T10:00:00Z');
    expect(asked).toHaveBeenCalledExactlyOnceWith(`${URL}?from=${from}&duration=3600`, expect.anything());
    const src = 'http://site/live/~t/stage-north/storyboards/one.jpg';
    expect(fetched).toHaveBeenCalledExactlyOnceWith(src);
    expect(board.at(at('10:00:05'))).toMatchObject({ src, x: 0, y: 0, width: 160, height: 90, here: true });
    expect(board.at(at('10:59:59'))).toMatchObject({ x: 800, y: 360, here: false });
    expect(board.at(at('10:30:00'))).toBeNull();
  });

  it('asks again for an hour that still grows, and seldom for one that is over', async () => {
    const board = new Storyboard(() => URL);
    for (const [moment, pause_ms, times] of [
      ['12:00:05', 0, 1],
      ['12:00:05', 14_000, 1],
      ['12:00:05', 2_000, 2],
      ['09:00:05', 0, 3],
      ['09:00:05', 200_000, 3],
      ['09:00:05', 101_000, 4],
    ] as const) {
      await vi.advanceTimersByTimeAsync(pause_ms);
      board.want(at(moment));
      await settled();
      expect(asked, `${moment} after ${pause_ms}`).toHaveBeenCalledTimes(times);
    }
  });

  it('of a sweep over a day fetches the first moment and the last', async () => {
    const board = new Storyboard(() => URL);
    for (let hour = 0; hour < 12; hour += 1) board.want(at(`${String(hour).padStart(2, '0')}:00:05`));
    await settled();
    const hours = asked.mock.calls.map(([url]) => /T(\d\d)/.exec(url as string)?.[1]);
    expect(hours).toEqual(['00', '11']);
  });

  it('keeps what it knew when the map cannot be read, and shows no sheet that is gone', async () => {
    const board = new Storyboard(() => URL);
    fetched.mockRejectedValueOnce(new Error('gone'));
    board.want(at('10:00:05'));
    await settled();
    expect(board.at(at('10:00:05'))?.here).toBe(false);
    asked.mockResolvedValue(new Response('no', { status: 503 }));
    await vi.advanceTimersByTimeAsync(4_000);
    board.want(at('10:00:05'));
    await settled();
    expect(asked).toHaveBeenCalledTimes(2);
    expect(board.at(at('10:00:05'))?.here).toBe(true);
  });

  it('asks seldom for a sheet that cannot be had, however often it is wanted', async () => {
    const board = new Storyboard(() => URL);
    fetched.mockRejectedValue(new Error('gone'));
    const wanted = async (times: number) => {
      for (let time = 0; time < times; time += 1) {
        board.want(at('10:00:05'));
        await vi.advanceTimersByTimeAsync(100);
      }
    };
    await wanted(20);
    expect(fetched).toHaveBeenCalledTimes(1);
    await wanted(40);
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it('asks again soon for a map that could not be read, and not at once', async () => {
    const board = new Storyboard(() => URL);
    asked.mockResolvedValueOnce(new Response('no', { status: 503 }));
    board.want(at('09:00:05'));
    await settled();
    board.want(at('09:00:05'));
    await settled();
    expect(asked).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(4_000);
    board.want(at('09:00:05'));
    await settled();
    expect(board.at(at('09:00:05'))).toMatchObject({ here: true });
  });

  it('asks nobody for a viewer who may not rewind', async () => {
    const board = new Storyboard(() => null);
    board.want(at('10:00:05'));
    await settled();
    expect(asked).not.toHaveBeenCalled();
    expect(board.at(at('10:00:05'))).toBeNull();
  });
});
