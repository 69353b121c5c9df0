import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeHls, LIVE } from './fake-engine';
import type { Mode } from './mode';
import { HLS_TYPE, HlsSource, hlsSourceHandler, QUALITY_EVENT, type HlsSourceObject } from './source-handler';

const SRC = '/live/stage-north/index.m3u8';
const manner = { mode: 'low-latency' as Mode, margin_s: 0 };
const video = Object.assign(new EventTarget(), {
  seekable: 'the native window',
  currentTime: 0,
  playbackRate: 1,
  buffered: { length: 1, start: () => 0, end: () => 1_000 },
}) as unknown as HTMLVideoElement;
const begun = new Map<string, FakeHls>();
const shell = { error: vi.fn(), trigger: vi.fn() };
const tech = { el: () => video };
const dependencies = {
  Hls: FakeHls.asEngine(),
  config: {},
  shellOf: () => shell,
  mannerOf: () => manner,
  begun: (src: string) => {
    const hls = begun.get(src) ?? null;
    begun.delete(src);
    return hls as never;
  },
  timeRanges: (start: number, end: number) => [start, end] as unknown as TimeRanges,
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeHls.all = [];
  FakeHls.supported = true;
  Object.assign(manner, { mode: 'low-latency', margin_s: 0 });
  Object.assign(video, { currentTime: 0, playbackRate: 1 });
  shell.error.mockReset();
  shell.trigger.mockReset();
});

afterEach(() => vi.useRealTimers());

const play = (source: HlsSourceObject = { src: SRC }) => new HlsSource(source, tech, dependencies);
const networkError = { type: 'networkError', details: 'levelLoadError', fatal: true };

describe('the source handler', () => {
  const handler = hlsSourceHandler(dependencies);

  it.each([HLS_TYPE, 'application/x-mpegURL', 'audio/mpegurl'])('takes %s wherever Media Source exists', (type) => {
    expect(handler.canPlayType(type)).toBe('probably');
    expect(handler.canHandleSource({ src: SRC, type })).toBe('probably');
  });

  it('leaves HLS to the browser where Media Source is missing', () => {
    FakeHls.supported = false;
    expect(handler.canHandleSource({ src: SRC, type: HLS_TYPE })).toBe('');
  });

  it('leaves everything else alone', () => {
    expect(handler.canPlayType('video/mp4')).toBe('');
    expect(handler.canHandleSource({ src: SRC })).toBe('');
  });

  it('loads the source into the media element of the tech', () => {
    handler.handleSource({ src: SRC, type: HLS_TYPE }, tech);
    expect(FakeHls.newest.calls).toEqual([`load ${SRC}`]);
    expect(FakeHls.newest.media).toBe(video);
  });
});

describe('an engine that has begun to load', () => {
  it('is taken over, with what it knows of the renditions', () => {
    const early = new FakeHls();
    begun.set(SRC, early);
    manner.mode = 'smooth';
    play({ src: SRC, expects: 'live' });
    expect(FakeHls.all).toEqual([early]);
    expect([early.calls, early.media, early.lowLatencyMode]).toEqual([[], video, false]);
    expect(shell.trigger).toHaveBeenCalledWith(QUALITY_EVENT);
  });
});

describe('a live source', () => {
  it('can be sought up to where the engine would join, and not past it', () => {
    const source = play();
    expect(source.seekable()).toBe('the native window');
    FakeHls.newest.latestLevelDetails = LIVE;
    expect(source.seekable()).toEqual([100, 160]);
    FakeHls.newest.liveSyncPosition = 154;
    expect(source.seekable()).toEqual([100, 154]);
    FakeHls.newest.latestLevelDetails = { ...LIVE, live: false };
    expect(source.seekable()).toBe('the native window');
  });

  it('says how far behind it plays, once it does, counting on while no newer playlist comes', () => {
    const source = play();
    FakeHls.newest.latestLevelDetails = LIVE;
    expect(source.behind_s).toBeNull();
    video.currentTime = 158;
    expect(source.behind_s).toBe(2);
    FakeHls.newest.latestLevelDetails = { ...LIVE, age: 0.5 };
    expect(source.behind_s).toBe(2.5);
    FakeHls.newest.latestLevelDetails = { ...LIVE, live: false };
    expect(source.behind_s).toBeNull();
  });

  it('waits with a new engine for the next show when the playlist is that of the last', () => {
    play({ src: SRC, expects: 'live' });
    const first = FakeHls.newest;
    first.emit('levelLoaded', { details: { live: false } });
    expect(first.calls).toContain('destroy');
    vi.advanceTimersByTime(2_000);
    expect(FakeHls.all).toHaveLength(2);
    expect(FakeHls.newest.calls).toEqual([`load ${SRC}`]);
    FakeHls.newest.emit('levelLoaded', { details: { live: true } });
    FakeHls.newest.emit('levelLoaded', { details: { live: false } });
    expect(FakeHls.newest.calls).not.toContain('destroy');
  });

  it('plays a closed playlist when it was asked for one', () => {
    play({ src: SRC });
    FakeHls.newest.emit('levelLoaded', { details: { live: false } });
    expect(FakeHls.newest.calls).not.toContain('destroy');
  });
});

describe('an error', () => {
  it('of the network starts loading again after a pause, once', () => {
    play();
    FakeHls.newest.emit('error', networkError);
    FakeHls.newest.emit('error', networkError);
    expect(FakeHls.newest.calls).not.toContain('start');
    vi.advanceTimersByTime(10_000);
    expect(FakeHls.newest.calls.filter((call) => call === 'start')).toHaveLength(1);
    expect(shell.error).not.toHaveBeenCalled();
  });

  it('of the media is recovered from at once', () => {
    play();
    FakeHls.newest.emit('error', { type: 'mediaError', details: 'bufferAppendError', fatal: true });
    expect(FakeHls.newest.calls).toContain('recover');
  });

  it('that a new engine would not have is left behind with the old one', () => {
    play();
    const first = FakeHls.newest;
    const error = { name: 'HlsJsTrackRemovedError' };
    first.emit('error', { type: 'mediaError', details: 'bufferAppendError', fatal: true, error });
    expect(first.calls).toContain('destroy');
    vi.advanceTimersByTime(2_000);
    expect(FakeHls.newest).not.toBe(first);
    expect(FakeHls.newest.calls).toEqual([`load ${SRC}`]);
  });

  it('that cannot be mended stops the loading and reaches the shell', () => {
    play();
    FakeHls.newest.emit('error', { ...networkError, details: 'manifestLoadError', response: { code: 404 } });
    expect(FakeHls.newest.calls).toContain('stop');
    expect(shell.error).toHaveBeenCalledWith({ code: 2, message: expect.any(String) });
  });
});

describe('the distance to live', () => {
  const playing = (behind_s: number, target_s = 1.1) => {
    const source = play();
    FakeHls.newest.latestLevelDetails = LIVE;
    FakeHls.newest.targetLatency = target_s;
    FakeHls.newest.liveSyncPosition = LIVE.edge - target_s;
    video.currentTime = LIVE.edge - behind_s;
    return source;
  };
  const rate = () => {
    video.dispatchEvent(new Event('timeupdate'));
    return video.playbackRate;
  };

  it('is caught up by playing a little faster, never by jumping', () => {
    playing(2);
    expect(rate()).toBe(1.1);
    video.currentTime = 158.7;
    expect(rate()).toBe(1.05);
    video.currentTime = 158.9;
    expect(rate()).toBe(1);
    expect(video.currentTime).toBe(158.9);
  });

  it('is greater by a margin while stalls are fresh', () => {
    const source = playing(1.4);
    manner.margin_s = 0.3;
    expect(source.target_s).toBeCloseTo(1.4);
    expect(rate()).toBe(1);
  });

  it('is left alone in smooth playback', () => {
    manner.mode = 'smooth';
    playing(9, 6);
    expect(FakeHls.newest.lowLatencyMode).toBe(false);
    expect(rate()).toBe(1);
  });

  it('is gone back to when playback becomes smooth, and forward to when it no longer is', () => {
    const source = playing(1.1);
    FakeHls.newest.targetLatency = 6;
    FakeHls.newest.liveSyncPosition = 154;
    source.setMode('smooth');
    expect([FakeHls.newest.lowLatencyMode, video.currentTime]).toEqual([false, 154]);
    FakeHls.newest.targetLatency = 1.1;
    FakeHls.newest.liveSyncPosition = 158.9;
    source.setMode('low-latency');
    expect([FakeHls.newest.lowLatencyMode, video.currentTime]).toEqual([true, 158.9]);
  });

  it('is not jumped over for less than a second, nor where smooth playback is far enough already', () => {
    const source = playing(1.9);
    source.setMode('low-latency');
    expect(video.currentTime).toBeCloseTo(158.1);
    FakeHls.newest.targetLatency = 1.5;
    source.setMode('smooth');
    expect(video.currentTime).toBeCloseTo(158.1);
  });

  it('is jumped over after an interruption that is too long to catch up with', () => {
    const source = playing(10);
    source.rejoin();
    expect(video.currentTime).toBe(150);
    video.currentTime = 120;
    source.rejoin();
    expect(video.currentTime).toBe(158.9);
  });

  const goOn = (edge: number) => (FakeHls.newest.latestLevelDetails = { ...LIVE, edge });

  it('is jumped over when the picture stands still for seconds while the stream goes on, and not when it moves', () => {
    playing(40);
    video.dispatchEvent(new Event('waiting'));
    goOn(165);
    video.currentTime = 121;
    vi.advanceTimersByTime(6_000);
    expect(video.currentTime).toBe(121);
    video.dispatchEvent(new Event('waiting'));
    vi.advanceTimersByTime(6_000);
    expect(video.currentTime).toBe(121);
    goOn(176);
    vi.advanceTimersByTime(5_000);
    expect(video.currentTime).toBe(158.9);
  });

  it('is left to a new engine when the picture stands still at the live edge too', () => {
    playing(40);
    video.dispatchEvent(new Event('waiting'));
    const first = FakeHls.newest;
    for (const edge of [165, 170]) {
      goOn(edge);
      expect(first.calls).not.toContain('destroy');
      vi.advanceTimersByTime(5_000);
    }
    expect(first.calls).toContain('destroy');
    vi.advanceTimersByTime(1);
    expect(FakeHls.newest).not.toBe(first);
    expect(FakeHls.newest.calls).toEqual([`load ${SRC}`]);
  });

  it('is by parts only where there are some', () => {
    const source = playing(1.1);
    expect(source.byParts).toBe(true);
    FakeHls.newest.latestLevelDetails = { ...LIVE, partList: null };
    expect(source.byParts).toBe(false);
  });
});

describe('the bitrate', () => {
  it('is that of the parts and segments that arrived', () => {
    const source = play();
    expect(source.bitrate_bps).toBeNull();
    const frag = { duration: 2 };
    FakeHls.newest.emit('fragLoaded', { frag, part: null, payload: new ArrayBuffer(500_000) });
    expect(source.bitrate_bps).toBe(2_000_000);
    FakeHls.newest.emit('fragLoaded', { frag, part: { duration: 0.5 }, payload: new ArrayBuffer(437_500) });
    expect(source.bitrate_bps).toBe(3_000_000);
  });
});

describe('the qualities', () => {
  it('are listed best first, chosen by index, and announced', () => {
    const source = play();
    FakeHls.newest.levels = [
      { height: 360, bitrate: 800_000 },
      { height: 1080, bitrate: 5_000_000 },
    ];
    FakeHls.newest.emit('manifestParsed');
    expect(source.qualities.map(({ index, height }) => [index, height])).toEqual([
      [1, 1080],
      [0, 360],
    ]);
    expect(source.quality).toEqual({ chosen: null, playing: null });
    FakeHls.newest.autoLevelEnabled = false;
    source.choose(0);
    expect(FakeHls.newest.nextLevel).toBe(0);
    expect(source.quality.chosen).toBe(0);
    source.choose(null);
    expect(FakeHls.newest.nextLevel).toBe(-1);
    expect(shell.trigger.mock.calls).toEqual([[QUALITY_EVENT], [QUALITY_EVENT], [QUALITY_EVENT]]);
  });
});

describe('a source that is disposed of', () => {
  it('leaves no engine, no listener and no media behind', () => {
    const source = play();
    source.dispose();
    expect(FakeHls.newest.calls.at(-1)).toBe('destroy');
    expect(FakeHls.newest.listeners.size).toBe(0);
    expect(FakeHls.newest.media).toBeNull();
    FakeHls.newest.latestLevelDetails = LIVE;
    FakeHls.newest.targetLatency = 1.1;
    video.currentTime = 150;
    video.dispatchEvent(new Event('timeupdate'));
    expect(video.playbackRate).toBe(1);
  });

  it('leaves no timer behind: not that of a restart', () => {
    const source = play();
    FakeHls.newest.emit('error', networkError);
    source.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer behind: not that of a next show', () => {
    const source = play({ src: SRC, expects: 'live' });
    FakeHls.newest.emit('levelLoaded', { details: { live: false } });
    source.dispose();
    vi.advanceTimersByTime(60_000);
    expect(FakeHls.all).toHaveLength(1);
  });
});
