import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { FakeHls } from './fake-engine';
import { RewindSource, rewindSourceHandler } from './rewind-source';
import { HLS_TYPE } from './source-handler';
import type { Segment } from '@sluice/videojs-clip/clock';

const SRC = '/live/stage-north/dvr.m3u8';
const NOON = Date.parse('2026-11-21T12:00:00Z');
const ONE = NOON + 3_600_000;

/** Two minutes at noon and two at one, in segments of 2 s. */
const segments: Segment[] = Array.from({ length: 120 }, (_, at) => ({
  start: 2 * at,
  duration: 2,
  programDateTime: at < 60 ? NOON + 2_000 * at : ONE + 2_000 * (at - 60),
}));
const details = { live: true, fragmentStart: 0, edge: 240, age: 0, partList: null, fragments: segments };

const video = Object.assign(new EventTarget(), { currentTime: 0, seekable: 'native' }) as unknown as HTMLVideoElement;
const shell = { error: vi.fn(), trigger: vi.fn() };
const dependencies = {
  Hls: FakeHls.asEngine(),
  config: { backBufferLength: 60 },
  shellOf: () => shell,
  timeRanges: (start: number, end: number) => [start, end] as unknown as TimeRanges,
};
const tech = { el: () => video };

beforeEach(() => {
  FakeHls.all = [];
  FakeHls.supported = true;
  video.currentTime = 0;
  shell.error.mockReset();
});

/** A source whose playlist has come, and whose first picture is there. */
function begun(at_ms: number): RewindSource {
  const source = new RewindSource({ src: SRC, type: HLS_TYPE, at_ms }, tech, dependencies);
  onTestFinished(() => source.dispose());
  FakeHls.newest.emit('manifestParsed', { levels: [{ details }] });
  FakeHls.newest.latestLevelDetails = details;
  return source;
}

function arrive(): void {
  video.dispatchEvent(new Event('seeked'));
}

describe('the handler of the past', () => {
  const handler = rewindSourceHandler(dependencies);

  it('takes only what is to be played from a moment', () => {
    expect(handler.canHandleSource({ src: SRC, type: HLS_TYPE })).toBe('');
    expect(handler.canHandleSource({ src: SRC, type: HLS_TYPE, at_ms: NOON })).toBe('probably');
    FakeHls.supported = false;
    expect(handler.canHandleSource({ src: SRC, type: HLS_TYPE, at_ms: NOON })).toBe('');
  });
});

describe('the past', () => {
  it('begins at the moment that is asked for, with one playlist and no detour by the edge', () => {
    begun(NOON + 90_500);
    expect(FakeHls.newest.calls).toEqual([`load ${SRC}`]);
    expect(FakeHls.newest.config).toMatchObject({ startPosition: 90.52, lowLatencyMode: false, backBufferLength: 60 });
  });

  it('begins with the next show when nothing was recorded then, and before the end when it is too late', () => {
    begun(NOON + 1_000_000);
    expect(FakeHls.newest.config.startPosition).toBe(120.02);
    begun(ONE + 1_000_000);
    expect(FakeHls.newest.config.startPosition).toBe(239);
  });

  it('tells the clock of the picture, and on the way there where it is going', () => {
    const source = begun(NOON + 90_500);
    expect(source.clock_ms).toBe(NOON + 90_500);
    video.currentTime = 90.5;
    arrive();
    video.currentTime = 130;
    expect(source.clock_ms).toBe(ONE + 10_000);
  });

  it('goes to any listed moment without another playlist', () => {
    const source = begun(NOON);
    arrive();
    expect(source.seek(ONE + 30_000)).toMatchObject({ time_s: 150, found: 'there' });
    expect(video.currentTime).toBe(150.02);
    expect(source.seek(NOON + 1_000_000)).toMatchObject({ clock_ms: ONE, found: 'next' });
    expect(FakeHls.all).toHaveLength(1);
  });

  it('leaves a moment alone that is not listed yet', () => {
    const source = begun(NOON);
    expect(source.seek(ONE + 500_000)).toBeNull();
    expect(video.currentTime).toBe(0);
  });

  it('goes to the true place of a moment, once its segment tells where it is', () => {
    const source = begun(NOON);
    arrive();
    source.seek(ONE + 30_000);
    // Media that was loaded has moved everything behind it by 0.4 s.
    FakeHls.newest.latestLevelDetails = {
      ...details,
      fragments: segments.map((segment) => ({ ...segment, start: segment.start + 0.4 })),
    };
    arrive();
    expect(video.currentTime).toBeCloseTo(150.42, 6);
    arrive();
    expect(source.clock_ms).toBeCloseTo(ONE + 30_020, 3);
  });

  it('does not chase a place that moves with each attempt', () => {
    const source = begun(NOON);
    arrive();
    source.seek(ONE + 30_000);
    for (let times = 1; times <= 5; times += 1) {
      FakeHls.newest.latestLevelDetails = {
        ...details,
        fragments: segments.map((segment) => ({ ...segment, start: segment.start + times })),
      };
      arrive();
    }
    expect(video.currentTime).toBe(152.02);
  });

  it('says in words why it cannot be played', () => {
    begun(NOON);
    FakeHls.newest.emit('error', {
      type: 'networkError',
      details: 'manifestLoadError',
      fatal: true,
      response: { code: 404 },
    });
    expect(shell.error).toHaveBeenCalledWith({ code: 2, message: expect.stringMatching(/nothing is recorded/i) });
  });

  it('goes on with a new engine where a show has another kind of media', () => {
    begun(NOON + 119_000);
    const first = FakeHls.newest;
    first.emit('error', {
      type: 'mediaError',
      details: 'bufferAppendError',
      fatal: true,
      error: { name: 'HlsJsTrackRemovedError' },
      frag: segments[60],
    });
    expect(first.calls.at(-1)).toBe('destroy');
    FakeHls.newest.emit('manifestParsed', { levels: [{ details }] });
    expect(FakeHls.newest.config.startPosition).toBe(120.02);
  });

  it('leaves nothing behind', () => {
    begun(NOON).dispose();
    expect(FakeHls.newest.calls.at(-1)).toBe('destroy');
    FakeHls.newest.latestLevelDetails = details;
    arrive();
    expect(video.currentTime).toBe(0);
  });
});
