import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeHls } from './fake-engine';

vi.mock('./engine', () => ({ Hls: FakeHls, engineConfig: {} }));

const { createLivePlayer } = await import('./index');
const { videojs } = await import('./shell');

const SRC = '/live/stage-north/index.m3u8';
let host: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  videojs.log.level('error');
  FakeHls.all = [];
  host = document.createElement('div');
  document.body.replaceChildren(host);
});

afterEach(() => vi.useRealTimers());

function create(onchange = vi.fn()) {
  const player = createLivePlayer(host, { label: 'Live picture', muted: true, onchange });
  // Video.js is ready a tick after it is made.
  vi.advanceTimersByTime(10);
  return player;
}

/** Happy DOM's own events cannot be copied, as Video.js does, so the media element's are fired by the tech. */
const fire = (event: string) => videojs.getAllPlayers()[0]?.tech(true).trigger(event);

describe('the live player', () => {
  it('plays by hls.js in the shell of Video.js, named for assistive technology', () => {
    const player = create();
    player.load(SRC);
    vi.advanceTimersByTime(10);
    expect(FakeHls.newest.calls).toEqual([`load ${SRC}`]);
    expect(FakeHls.newest.media).toBe(host.querySelector('video'));
    expect(host.querySelector('.video-js')?.getAttribute('aria-label')).toBe('Live picture');
    player.dispose();
  });

  it('adds no style element, which a content security policy might forbid', () => {
    const player = create();
    expect(document.querySelectorAll('style')).toHaveLength(0);
    player.dispose();
  });

  it('tells how the picture stands', () => {
    const onchange = vi.fn();
    const player = create(onchange);
    player.load(SRC);
    vi.advanceTimersByTime(10);
    const phases = ['loadstart', 'waiting', 'playing', 'waiting', 'playing', 'ended'].map((event) => {
      fire(event);
      vi.advanceTimersByTime(10);
      return onchange.mock.lastCall?.[0].phase;
    });
    expect(phases).toEqual(['starting', 'starting', 'playing', 'stalled', 'playing', 'over']);
    player.dispose();
  });

  it('fails with a sentence, and plays again when it is loaded again', () => {
    const onchange = vi.fn();
    const player = create(onchange);
    player.load(SRC);
    vi.advanceTimersByTime(10);
    FakeHls.newest.emit('error', { type: 'networkError', details: 'manifestLoadError', fatal: true });
    expect(onchange.mock.lastCall?.[0]).toMatchObject({
      phase: 'failed',
      message: expect.stringMatching(/try again/i),
    });
    player.load(SRC);
    vi.advanceTimersByTime(10);
    fire('loadstart');
    expect(onchange.mock.lastCall?.[0]).toMatchObject({ phase: 'starting', message: null });
    expect(FakeHls.all).toHaveLength(2);
    expect(FakeHls.all[0]?.calls.at(-1)).toBe('destroy');
    player.dispose();
  });

  it('leaves nothing in the page and no engine running when it is disposed of', () => {
    const player = create();
    player.load(SRC);
    vi.advanceTimersByTime(10);
    player.dispose();
    expect(host.innerHTML).toBe('');
    expect(FakeHls.newest.calls.at(-1)).toBe('destroy');
    expect(videojs.getAllPlayers()).toHaveLength(0);
    vi.runOnlyPendingTimers();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the quality menu', () => {
  it('is hidden while there is nothing to choose, and lists what there is', () => {
    const player = create();
    player.load(SRC);
    vi.advanceTimersByTime(10);
    const menu = host.querySelector('.vjs-quality')?.parentElement;
    expect(menu?.classList.contains('vjs-hidden')).toBe(true);
    FakeHls.newest.levels = [
      { height: 360, bitrate: 800_000 },
      { height: 720, bitrate: 2_500_000 },
    ];
    FakeHls.newest.currentLevel = 1;
    FakeHls.newest.emit('manifestParsed');
    expect(menu?.classList.contains('vjs-hidden')).toBe(false);
    const names = Array.from(menu?.querySelectorAll('.vjs-menu-item-text') ?? [], (item) => item.textContent);
    expect(names).toEqual(['Auto (720p)', '720p', '360p']);
    player.dispose();
  });
});
