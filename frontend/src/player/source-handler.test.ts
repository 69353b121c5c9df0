import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeHls } from './fake-engine';
import { HLS_TYPE, HlsSource, hlsSourceHandler, QUALITY_EVENT, type HlsSourceObject } from './source-handler';

const SRC = '/live/stage-north/index.m3u8';
const video = { seekable: 'the native window' } as unknown as HTMLVideoElement;
const shell = { error: vi.fn(), trigger: vi.fn() };
const tech = { el: () => video };
const dependencies = {
  Hls: FakeHls.asEngine(),
  config: {},
  shellOf: () => shell,
  timeRanges: (start: number, end: number) => [start, end] as unknown as TimeRanges,
};

beforeEach(() => {
  vi.useFakeTimers();
  FakeHls.all = [];
  FakeHls.supported = true;
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

describe('a live source', () => {
  it('can be sought up to where the engine would join, and not past it', () => {
    const source = play();
    expect(source.seekable()).toBe('the native window');
    FakeHls.newest.latestLevelDetails = { live: true, fragmentStart: 100, edge: 160 };
    expect(source.seekable()).toEqual([100, 160]);
    FakeHls.newest.liveSyncPosition = 154;
    expect(source.seekable()).toEqual([100, 154]);
    FakeHls.newest.latestLevelDetails = { live: false, fragmentStart: 100, edge: 160 };
    expect(source.seekable()).toBe('the native window');
  });

  it('says how far behind it plays, once it knows', () => {
    const source = play();
    expect(source.behind_s).toBeNull();
    FakeHls.newest.latestLevelDetails = { live: true, fragmentStart: 0, edge: 10 };
    expect(source.behind_s).toBeNull();
    FakeHls.newest.latency = 6.4;
    expect(source.behind_s).toBe(6.4);
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

  it('that cannot be mended stops the loading and reaches the shell', () => {
    play();
    FakeHls.newest.emit('error', { ...networkError, details: 'manifestLoadError', response: { code: 404 } });
    expect(FakeHls.newest.calls).toContain('stop');
    expect(shell.error).toHaveBeenCalledWith({ code: 2, message: expect.any(String) });
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
