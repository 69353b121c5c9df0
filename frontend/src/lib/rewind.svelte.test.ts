import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { LivePlayer, LiveState } from '../player';
import { aChannel, aShow, onAir } from '../testing/fixtures';
import { api } from './api';
import type { Show } from './model';
import { Problem } from './problem';
import { Rewind } from './rewind.svelte';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const at = (clock: string) => Date.parse(`2026-11-20T${clock}:00Z`);
const DVR = 'http://site/live/stage-north/dvr.m3u8';
const playback = (dvr: string | null) => ({ hls: '/live/stage-north/index.m3u8', dvr, storyboard: null });
const state: LiveState = {
  phase: 'playing',
  behind_s: null,
  mode: 'low-latency',
  muted: false,
  rewinding: true,
  clock_ms: at('18:30'),
  message: null,
};

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

const fakePlayer = () =>
  ({ seekToClock: vi.fn(), goLive: vi.fn() }) as unknown as LivePlayer & {
    seekToClock: ReturnType<typeof vi.fn>;
    goLive: ReturnType<typeof vi.fn>;
  };

/** A page whose shows have been read. */
async function page(shows: Show[] | Problem, live = false) {
  const read = vi.spyOn(api, 'shows');
  if (shows instanceof Problem) read.mockRejectedValue(shows);
  else read.mockResolvedValue({ items: shows, next_cursor: null });
  const rewind = new Rewind('stage-north');
  const facts = { playback: playback(DVR) };
  rewind.know(live ? onAir('2026-11-21T11:00:00Z', facts) : aChannel(facts), 24);
  const stop = rewind.follow();
  await vi.advanceTimersByTimeAsync(0);
  return { rewind, stop, read };
}

describe('going back on a watch page', () => {
  it('waits for the player, and begins there', async () => {
    const { rewind, stop } = await page([aShow()]);
    rewind.go(at('18:30'));
    expect([rewind.active, rewind.clock_ms, rewind.said]).toEqual([true, at('18:30'), '']);
    const player = fakePlayer();
    rewind.attach(player);
    expect(player.seekToClock).toHaveBeenCalledWith(at('18:30'));
    stop();
  });

  it('lands on the next show from a gap, and says so', async () => {
    const { rewind, stop } = await page([aShow()]);
    rewind.attach(fakePlayer());
    rewind.go(at('15:00'));
    expect(rewind.clock_ms).toBe(at('18:00'));
    rewind.go(at('23:00'));
    expect(rewind.said).toMatch(/^Nothing was recorded after \d\d:\d\d:\d\d yesterday\./);
    stop();
  });

  it('says that nothing is there where nothing is', async () => {
    const { rewind, stop } = await page([]);
    rewind.go(at('15:00'));
    expect([rewind.active, rewind.said]).toEqual([false, 'Nothing is recorded here yet.']);
    stop();
  });

  it('leaves it to the playlist where the shows cannot be read', async () => {
    const { rewind, stop } = await page(Problem.unreachable());
    const player = fakePlayer();
    rewind.attach(player);
    rewind.go(at('15:00'));
    expect(player.seekToClock).toHaveBeenCalledWith(at('15:00'));
    stop();
  });

  it('is live again when now is asked for, or the player says so', async () => {
    const { rewind, stop } = await page([aShow()], true);
    const player = fakePlayer();
    rewind.attach(player);
    rewind.go(at('18:30'));
    rewind.hear(state);
    rewind.go(NOW);
    expect([rewind.active, player.goLive.mock.calls.length]).toEqual([false, 1]);
    rewind.go(at('18:30'));
    rewind.hear(state);
    rewind.hear({ ...state, rewinding: false });
    expect(rewind.active).toBe(false);
    stop();
  });

  it('leaves what is live already alone when now is asked for', async () => {
    const { rewind, stop } = await page([aShow()], true);
    const player = fakePlayer();
    rewind.attach(player);
    rewind.go(NOW);
    expect([rewind.active, player.goLive.mock.calls]).toEqual([false, []]);
    stop();
  });

  it('is over when the past has ended and nothing is on air', async () => {
    const { rewind, stop } = await page([aShow()]);
    rewind.attach(fakePlayer());
    rewind.go(at('18:30'));
    rewind.hear({ ...state, phase: 'over' });
    expect(rewind.active).toBe(false);
    stop();
  });

  it('opens a kept show from before the window with a playlist and a strip of its own', async () => {
    const { rewind, stop, read } = await page([aShow()]);
    const kept = aShow({
      id: '1',
      kept: true,
      started_at: '2026-11-10T18:00:00Z',
      ended_at: '2026-11-10T19:00:00Z',
      playback: { hls: '/live/stage-north/shows/1.m3u8' },
    });
    read.mockResolvedValue({ items: [kept], next_cursor: null });
    await rewind.open(Date.parse('2026-11-10T18:20:00Z'));
    flushSync();
    expect(rewind.url).toBe('/live/stage-north/shows/1.m3u8');
    expect(rewind.range).toEqual({ from_ms: Date.parse(kept.started_at), to_ms: Date.parse(kept.ended_at ?? '') });
    expect(rewind.clock_ms).toBe(Date.parse('2026-11-10T18:20:00Z'));
    rewind.goLive();
    expect(rewind.url).toBe(DVR);
    stop();
  });

  it.each([
    ['is gone', []],
    ['is just leaving the window', [aShow({ started_at: '2026-11-10T18:00:00Z', ended_at: '2026-11-10T19:00:00Z' })]],
  ])('says that a link is too old, when its show was not kept and %s', async (_, items) => {
    const { rewind, stop, read } = await page([aShow()]);
    read.mockResolvedValue({ items, next_cursor: null });
    await rewind.open(Date.parse('2026-11-10T18:20:00Z'));
    expect(rewind.kept).toBeNull();
    expect(rewind.said).toMatch(/^What is recorded begins at/);
    stop();
  });
});

describe('a link to a moment', () => {
  it('waits for the shows, however often they are asked for', async () => {
    const { rewind, stop } = await page([aShow()], true);
    const opened = rewind.open(at('18:30'));
    expect(rewind.pending).toBe(true);
    void rewind.feed.refresh();
    await vi.advanceTimersByTimeAsync(0);
    await opened;
    expect([rewind.pending, rewind.active, rewind.clock_ms]).toEqual([false, true, at('18:30')]);
    stop();
  });

  it('holds nobody up who may not rewind', () => {
    const rewind = new Rewind('stage-north');
    rewind.pending = true;
    rewind.know(onAir(undefined, { dvr: 'signed_in' }), 24);
    expect(rewind.pending).toBe(false);
  });
});

describe('the list of shows', () => {
  it('is read again when a show begins or is over, and not with each tick of the clock', async () => {
    const { rewind, stop, read } = await page([aShow()]);
    const facts = { playback: playback(DVR) };
    rewind.know(aChannel(facts), 24);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(read).toHaveBeenCalledTimes(1);
    rewind.know(onAir(undefined, facts), 24);
    expect(read).toHaveBeenCalledTimes(2);
    stop();
  });
});

describe('the address of the past', () => {
  it('stays while only its token changes, so that the player keeps its playlist', () => {
    const rewind = new Rewind('stage-north');
    const know = (token: string) => rewind.know(aChannel({ playback: playback(`/live/~${token}/a/dvr.m3u8`) }), 24);
    know('one');
    know('two');
    expect(rewind.url).toBe('/live/~one/a/dvr.m3u8');
    vi.setSystemTime(NOW + 13 * 3_600_000);
    know('three');
    expect(rewind.url).toBe('/live/~three/a/dvr.m3u8');
    rewind.know(aChannel({ playback: playback(null) }), 24);
    expect([rewind.allowed, rewind.url]).toEqual([false, null]);
  });

  it('is taken over when it needs a token from now on, or none any more', () => {
    const rewind = new Rewind('stage-north');
    for (const url of ['/live/a/dvr.m3u8', '/live/~one/a/dvr.m3u8', '/live/a/dvr.m3u8']) {
      rewind.know(aChannel({ playback: playback(url) }), 24);
      expect(rewind.url).toBe(url);
    }
  });

  it('reaches back as far as the channel says, or else the site', () => {
    const rewind = new Rewind('stage-north');
    const hours = () => (rewind.range.to_ms - rewind.range.from_ms) / 3_600_000;
    rewind.know(aChannel(), 24);
    expect(hours()).toBe(24);
    rewind.know(aChannel({ dvr_window_hours: 6 }), 24);
    expect(hours()).toBe(6);
  });
});

describe('a picture that was lent to whoever sets markers', () => {
  const lent = async (live = true) => {
    const { rewind, stop } = await page([aShow()], live);
    const player = fakePlayer();
    rewind.attach(player);
    rewind.lend();
    return { rewind, player, stop };
  };

  it('goes back to live, though it was led no further than within the live window', async () => {
    const { rewind, player, stop } = await lent();
    rewind.giveBack(true);
    expect(player.goLive).toHaveBeenCalledOnce();
    stop();
  });

  it('goes back to live from the past that it was led into', async () => {
    const { rewind, player, stop } = await lent();
    rewind.hear(state);
    rewind.giveBack(true);
    expect([player.goLive.mock.calls.length, rewind.active]).toEqual([1, false]);
    stop();
  });

  it('is left alone where it was not led anywhere', async () => {
    const { rewind, player, stop } = await lent();
    rewind.giveBack(false);
    expect(player.goLive).not.toHaveBeenCalled();
    stop();
  });

  it('stays at the moment that the viewer chose meanwhile', async () => {
    const { rewind, player, stop } = await lent();
    rewind.go(at('18:30'));
    rewind.hear(state);
    rewind.giveBack(true);
    expect([player.goLive.mock.calls.length, rewind.active]).toEqual([0, true]);
    stop();
  });

  it('stays in the past where it was in the past before, unless the viewer went live', async () => {
    const { rewind, player, stop } = await page([aShow()], true).then(({ rewind, stop }) => {
      const player = fakePlayer();
      rewind.attach(player);
      rewind.go(at('18:30'));
      rewind.hear(state);
      rewind.lend();
      return { rewind, player, stop };
    });
    rewind.giveBack(true);
    expect(player.goLive).not.toHaveBeenCalled();
    rewind.lend();
    rewind.goLive();
    rewind.hear(state);
    rewind.giveBack(true);
    expect(player.goLive).toHaveBeenCalledTimes(2);
    stop();
  });
});
