import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeHls, LIVE } from './fake-engine';

vi.mock('./engine', () => ({ Hls: FakeHls, engineConfig: {} }));

const { createLivePlayer } = await import('./index');
const { rewindOf } = await import('./rewind');
const { videojs } = await import('./shell');

const HLS = '/live/stage-north/index.m3u8';
const DVR = '/live/stage-north/dvr.m3u8';
const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;

/** An hour in segments of 2 s, up to now. */
const fragments = Array.from({ length: 1_800 }, (_, at) => ({
  start: 2 * at,
  duration: 2,
  programDateTime: NOW - HOUR + 2_000 * at,
}));
const PAST = { live: true, fragmentStart: 0, edge: 3_600, age: 0, partList: null, fragments };

let host: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  videojs.log.level('error');
  FakeHls.all = [];
  localStorage.clear();
  host = document.createElement('div');
  document.body.replaceChildren(host);
});

afterEach(() => {
  FakeHls.supported = true;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const fire = (event: string) => videojs.getAllPlayers()[0]?.tech(true).trigger(event);
const settle = () => vi.advanceTimersByTime(10);
const clock = () => rewindOf(videojs.getAllPlayers()[0])?.clock_ms;
const video = () => host.querySelector('video') as HTMLVideoElement;
const loaded = () => FakeHls.all.map((hls) => hls.calls[0]);
const press = (key: string) =>
  videojs.trigger(host.querySelector('.video-js') as Element, { type: 'keydown', key, bubbles: true } as never);

/** A player on live at a picture of now. */
function watching(onchange = vi.fn()) {
  const player = createLivePlayer(host, { label: 'Live picture', muted: true, onchange });
  settle();
  player.setSources({ live: HLS, past: DVR });
  player.goLive();
  settle();
  FakeHls.newest.latestLevelDetails = LIVE;
  FakeHls.newest.playingDate = new Date(NOW - 2_000);
  return { player, onchange };
}

/** The same gone back by half an hour, with its playlist there. */
function rewound() {
  const all = watching();
  all.player.seekToClock(NOW - HOUR / 2);
  settle();
  FakeHls.newest.emit('manifestParsed', { levels: [{ details: PAST }] });
  FakeHls.newest.latestLevelDetails = PAST;
  video().dispatchEvent(new Event('seeked'));
  return all;
}

describe('a player that can go back', () => {
  it('plays a moment of the past from the other playlist, and says so', () => {
    const { player, onchange } = rewound();
    expect(loaded()).toEqual([`load ${HLS}`, `load ${DVR}`]);
    expect(FakeHls.all[0]?.calls.at(-1)).toBe('destroy');
    expect(FakeHls.newest.config.startPosition).toBe(1_800.02);
    expect(onchange.mock.lastCall?.[0].rewinding).toBe(true);
    player.dispose();
  });

  it('goes to another moment without loading anything anew', () => {
    const { player } = rewound();
    player.seekToClock(NOW - HOUR / 4);
    settle();
    expect(video().currentTime).toBe(2_700.02);
    expect(loaded()).toHaveLength(2);
    expect(clock()).toBe(NOW - HOUR / 4);
    player.dispose();
  });

  it('does not take a picture back that is led elsewhere while it is on its way', () => {
    const { player } = rewound();
    player.seekToClock(NOW - HOUR / 4);
    settle();
    rewindOf(videojs.getAllPlayers()[0])?.show(NOW - HOUR / 4 + 50, 2_700.05);
    const led_s = video().currentTime;
    // What has come since says that the moment is elsewhere.
    const fragments = PAST.fragments.map((segment) => ({ ...segment, start: segment.start + 0.4 }));
    FakeHls.newest.latestLevelDetails = { ...PAST, fragments };
    video().dispatchEvent(new Event('seeked'));
    const now_s = video().currentTime;
    player.dispose();
    expect(led_s).toBeCloseTo(2_700.055, 6);
    expect(now_s).toBe(led_s);
  });

  it('returns to live by its button and by the keys', () => {
    const { player, onchange } = rewound();
    const button = host.querySelector('.vjs-seek-to-live-control') as HTMLElement;
    expect(button.classList.contains('vjs-at-live-edge')).toBe(false);
    videojs.trigger(button, { type: 'click', target: button } as never);
    settle();
    expect([loaded().at(-1), onchange.mock.lastCall?.[0].rewinding]).toEqual([`load ${HLS}`, false]);
    for (const back of ['l', 'End']) {
      player.seekToClock(NOW - HOUR / 2);
      settle();
      press(back);
      settle();
      expect(loaded().at(-1)).toBe(`load ${HLS}`);
    }
    player.dispose();
  });

  it('skips ten seconds by the arrows, and goes to the first moment by Home', () => {
    const { player } = watching();
    press('ArrowRight');
    settle();
    expect(loaded()).toHaveLength(1);
    press('ArrowLeft');
    settle();
    FakeHls.newest.emit('manifestParsed', { levels: [{ details: PAST }] });
    FakeHls.newest.latestLevelDetails = PAST;
    expect(FakeHls.newest.config.startPosition).toBe(3_588.02);
    press('ArrowLeft');
    expect(clock()).toBe(NOW - 22_000);
    press('Home');
    expect(clock()).toBe(NOW - HOUR);
    player.dispose();
  });

  it('goes where it is told, however near to now', () => {
    const { player, onchange } = watching();
    player.seekToClock(NOW - 1_000);
    settle();
    expect([loaded().at(-1), onchange.mock.lastCall?.[0].rewinding]).toEqual([`load ${DVR}`, true]);
    player.dispose();
  });

  it('skips from the past to live where live is as near as the skip', () => {
    const { player } = rewound();
    player.seekToClock(NOW - 15_000);
    press('ArrowRight');
    settle();
    expect(loaded().at(-1)).toBe(`load ${HLS}`);
    player.dispose();
  });

  it('does not load anew what is live already', () => {
    const { player } = watching();
    for (const key of ['End', 'l']) press(key);
    settle();
    expect(loaded()).toHaveLength(1);
    player.dispose();
  });

  it('leaves what the viewer has paused as it is when its engine loads anew, and plays what is chosen next', async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue(undefined);
    const { player } = watching();
    fire('loadstart');
    expect(play).toHaveBeenCalled();
    fire('playing');
    fire('pause');
    play.mockClear();
    fire('loadstart');
    await vi.advanceTimersByTimeAsync(10);
    expect(play).not.toHaveBeenCalled();
    player.seekToClock(NOW - HOUR / 2);
    settle();
    fire('loadstart');
    expect(play).toHaveBeenCalled();
    player.dispose();
  });

  it('leaves the keys alone where nothing can be rewound', () => {
    const { player } = watching();
    player.setSources({ live: HLS, past: null });
    press('ArrowLeft');
    settle();
    expect(loaded()).toHaveLength(1);
    player.dispose();
  });

  it('plays on in the past what was paused for longer than the live window', () => {
    const { player } = watching();
    fire('playing');
    fire('pause');
    FakeHls.newest.playingDate = new Date(NOW + 300_000);
    fire('play');
    settle();
    expect(loaded().at(-1)).toBe(`load ${DVR}`);
    FakeHls.newest.emit('manifestParsed', { levels: [{ details: PAST }] });
    expect(FakeHls.newest.config.startPosition).toBe(3_598.02);
    player.dispose();
  });

  it('plays on live after a short pause', () => {
    const { player } = watching();
    video().currentTime = 150;
    fire('playing');
    fire('pause');
    fire('play');
    settle();
    expect(loaded()).toHaveLength(1);
    player.dispose();
  });

  it('goes on with the next show when the past has played to its end', () => {
    const { player } = rewound();
    FakeHls.newest.latestLevelDetails = { ...PAST, live: false };
    video().currentTime = 3_600;
    fire('ended');
    settle();
    expect(loaded()).toEqual([`load ${HLS}`, `load ${DVR}`, `load ${DVR}`]);
    player.dispose();
  });

  it('goes to live when the one show that it plays is over', () => {
    const { player, onchange } = watching();
    const kept = '/live/stage-north/shows/1.m3u8';
    player.setSources({ live: HLS, past: kept, closed: true });
    player.seekToClock(NOW - HOUR / 2);
    settle();
    FakeHls.newest.emit('manifestParsed', { levels: [{ details: PAST }] });
    FakeHls.newest.latestLevelDetails = { ...PAST, live: false };
    video().currentTime = 3_600;
    fire('ended');
    settle();
    expect(loaded()).toEqual([`load ${HLS}`, `load ${kept}`, `load ${HLS}`]);
    expect(onchange.mock.lastCall?.[0].rewinding).toBe(false);
    player.dispose();
  });

  it('loads the playlist anew after it has failed', () => {
    const { player, onchange } = rewound();
    FakeHls.newest.emit('error', { type: 'networkError', details: 'manifestLoadError', fatal: true });
    expect(onchange.mock.lastCall?.[0]).toMatchObject({ phase: 'failed', rewinding: true });
    player.seekToClock(NOW - HOUR / 4);
    settle();
    expect(loaded()).toHaveLength(3);
    player.dispose();
  });

  it('has no way to live where there is no show', () => {
    const player = createLivePlayer(host, { label: 'Recording', muted: true, onchange: vi.fn() });
    settle();
    player.setSources({ live: null, past: DVR });
    player.seekToClock(NOW - 1_000);
    settle();
    expect(loaded()).toEqual([`load ${DVR}`]);
    expect(host.querySelector('.vjs-seek-to-live-control')?.classList.contains('sluice-no-live')).toBe(true);
    player.goLive();
    expect(loaded()).toHaveLength(1);
    player.dispose();
  });

  it('reads the playlist itself where the browser plays it', async () => {
    FakeHls.supported = false;
    const list = '#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T11:00:00Z\n#EXTINF:3600,\nsegments/one.ts\n';
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(list)));
    const player = createLivePlayer(host, { label: 'Recording', muted: true, onchange: vi.fn() });
    settle();
    player.setSources({ live: null, past: DVR });
    player.seekToClock(NOW - HOUR / 2);
    settle();
    video().dispatchEvent(new Event('loadedmetadata'));
    await vi.advanceTimersByTimeAsync(10);
    expect(video().currentTime).toBe(1_800);
    expect(clock()).toBe(NOW - HOUR / 2);
    player.dispose();
  });
});
