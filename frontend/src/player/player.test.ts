import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ClipSetup } from './clip';
import { FakeHls, LIVE } from './fake-engine';
import type { LivePlayer } from './index';

const { addClips, removeClips } = vi.hoisted(() => {
  const removeClips = vi.fn();
  return { removeClips, addClips: vi.fn(() => removeClips) };
});
vi.mock('./engine', () => ({ Hls: FakeHls, engineConfig: {} }));
vi.mock('./clip', () => ({ addClips }));

const { createLivePlayer } = await import('./index');
const { videojs } = await import('./shell');

const SRC = '/live/stage-north/index.m3u8';
let host: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  videojs.log.level('error');
  FakeHls.all = [];
  localStorage.clear();
  host = document.createElement('div');
  document.body.replaceChildren(host);
});

afterEach(() => {
  FakeHls.supported = true;
  vi.useRealTimers();
});

function create(onchange = vi.fn()) {
  const player = createLivePlayer(host, { label: 'Live picture', muted: true, onchange });
  // Video.js is ready a tick after it is made.
  vi.advanceTimersByTime(10);
  return player;
}

/** Plays live, as a page does that shows a channel on air. */
function watch(player: LivePlayer) {
  player.setSources({ live: SRC, past: null });
  player.goLive();
}

/** Happy DOM's own events cannot be copied, as Video.js does, so the media element's are fired by the tech. */
const fire = (event: string) => videojs.getAllPlayers()[0]?.tech(true).trigger(event);

/** The same for elements of the shell: what a finger or a key does to them. */
const act = (element: Element | null | undefined, type: string, more: object = {}) =>
  videojs.trigger(element as Element, { type, target: element, bubbles: true, ...more } as never);

describe('the live player', () => {
  it('plays by hls.js in the shell of Video.js, named for assistive technology', () => {
    const player = create();
    watch(player);
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
    watch(player);
    vi.advanceTimersByTime(10);
    const phases = ['loadstart', 'waiting', 'playing', 'waiting', 'playing', 'ended'].map((event) => {
      fire(event);
      vi.advanceTimersByTime(10);
      return onchange.mock.lastCall?.[0].phase;
    });
    expect(phases).toEqual(['starting', 'starting', 'playing', 'stalled', 'playing', 'over']);
    player.dispose();
  });

  it('tells how far behind it plays once a second, not with every move of the picture', () => {
    const onchange = vi.fn();
    const player = create(onchange);
    watch(player);
    vi.advanceTimersByTime(10);
    fire('playing');
    onchange.mockClear();
    for (let quarter = 0; quarter < 12; quarter += 1) {
      fire('timeupdate');
      vi.advanceTimersByTime(250);
    }
    expect(onchange).toHaveBeenCalledTimes(3);
    player.dispose();
  });

  it('fails with a sentence, and plays again when it is loaded again', () => {
    const onchange = vi.fn();
    const player = create(onchange);
    watch(player);
    vi.advanceTimersByTime(10);
    FakeHls.newest.emit('error', { type: 'networkError', details: 'manifestLoadError', fatal: true });
    expect(onchange.mock.lastCall?.[0]).toMatchObject({
      phase: 'failed',
      message: expect.stringMatching(/try again/i),
    });
    watch(player);
    vi.advanceTimersByTime(10);
    fire('loadstart');
    expect(onchange.mock.lastCall?.[0]).toMatchObject({ phase: 'starting', message: null });
    expect(FakeHls.all).toHaveLength(2);
    expect(FakeHls.all[0]?.calls.at(-1)).toBe('destroy');
    player.dispose();
  });

  it('is not told of a start that fails after it was disposed of', async () => {
    vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(
      () => new Promise((_, reject) => setTimeout(() => reject(new DOMException('removed', 'AbortError')), 500)),
    );
    const player = create();
    watch(player);
    vi.advanceTimersByTime(10);
    fire('loadstart');
    player.dispose();
    await vi.advanceTimersByTimeAsync(1_000);
  });

  it('leaves nothing in the page and no engine running when it is disposed of', () => {
    const player = create();
    watch(player);
    vi.advanceTimersByTime(10);
    player.dispose();
    expect(host.innerHTML).toBe('');
    expect(FakeHls.newest.calls.at(-1)).toBe('destroy');
    expect(videojs.getAllPlayers()).toHaveLength(0);
    vi.runOnlyPendingTimers();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the settings', () => {
  const button = () => host.querySelector<HTMLButtonElement>('.sluice-settings button') as HTMLButtonElement;
  const items = () => Array.from(host.querySelectorAll<HTMLElement>('.sluice-settings .vjs-menu-item'));
  const item = (label: string) => items().find((item) => item.textContent?.startsWith(label)) as HTMLElement;
  const chosen = () => items().filter((item) => item.getAttribute('aria-checked') === 'true');
  const names = (list: HTMLElement[]) => list.map((item) => item.querySelector('.vjs-menu-item-text')?.textContent);

  function playing() {
    const player = create();
    watch(player);
    vi.advanceTimersByTime(10);
    fire('loadstart');
    return player;
  }

  it('let the viewer choose how close to live to play, and remember it', () => {
    const player = playing();
    expect(names(items())).toEqual(['Low latency', 'Smooth', 'Statistics']);
    expect(names(chosen())).toEqual(['Low latency']);
    act(item('Smooth'), 'click');
    expect(names(chosen())).toEqual(['Smooth']);
    expect(FakeHls.newest.lowLatencyMode).toBe(false);
    player.dispose();
    const next = playing();
    expect(names(chosen())).toEqual(['Smooth']);
    expect(FakeHls.newest.lowLatencyMode).toBe(false);
    next.dispose();
  });

  it('are radio buttons and a check box to assistive technology', () => {
    const player = playing();
    const roles = items().map((item) => item.getAttribute('role'));
    expect(roles).toEqual(['menuitemradio', 'menuitemradio', 'menuitemcheckbox']);
    expect(button().getAttribute('aria-haspopup')).toBe('true');
    player.dispose();
  });

  it('keep the focus in their button when an item is chosen or Escape is pressed', () => {
    const player = playing();
    act(button(), 'click');
    item('Smooth').focus();
    act(item('Smooth'), 'click');
    expect(document.activeElement).toBe(button());
    act(button(), 'click');
    item('Smooth').focus();
    act(item('Smooth'), 'keydown', { key: 'Escape' });
    expect(document.activeElement).toBe(button());
    player.dispose();
  });

  it('stay open under the hands of whoever chooses, whatever changes meanwhile', () => {
    const player = playing();
    act(host.querySelector('.video-js'), 'keydown', { key: 's' });
    act(button(), 'click');
    item('Smooth').focus();
    const renditions = [
      { height: 360, bitrate: 800_000 },
      { height: 720, bitrate: 2_500_000 },
    ];
    const changes = [
      () => fire('loadstart'),
      () => videojs.getAllPlayers()[0]?.trigger('sluice-latency'),
      () => ((FakeHls.newest.levels = renditions), FakeHls.newest.emit('manifestParsed')),
    ];
    for (const change of changes) {
      change();
      expect(button().getAttribute('aria-expanded')).toBe('true');
      expect(document.activeElement).toBe(item('Smooth'));
    }
    item('Statistics').focus();
    videojs.getAllPlayers()[0]?.trigger('sluice-latency');
    expect(document.activeElement).toBe(item('Statistics'));
    act(item('Statistics'), 'keydown', { key: 'Escape' });
    expect(button().getAttribute('aria-expanded')).toBe('false');
    expect(host.querySelector('.sluice-statistics')?.classList.contains('vjs-hidden')).toBe(false);
    player.dispose();
  });

  it('list the renditions where there are several', () => {
    const player = playing();
    FakeHls.newest.levels = [
      { height: 360, bitrate: 800_000 },
      { height: 720, bitrate: 2_500_000 },
    ];
    FakeHls.newest.currentLevel = 1;
    FakeHls.newest.emit('manifestParsed');
    expect(names(items()).slice(2)).toEqual(['Auto (720p)', '720p', '360p', 'Statistics']);
    act(item('360p'), 'click');
    expect(FakeHls.newest.nextLevel).toBe(0);
    player.dispose();
  });

  it('leave the distance to the browser where it plays by itself', () => {
    FakeHls.supported = false;
    const player = create();
    fire('loadstart');
    expect(names(items())).toEqual(['Statistics']);
    player.dispose();
  });
});

describe('the statistics', () => {
  const panel = () => host.querySelector<HTMLElement>('.sluice-statistics') as HTMLElement;
  const closed = () => panel().classList.contains('vjs-hidden');
  const press = (key: string, more: object = {}) => act(host.querySelector('.video-js'), 'keydown', { key, ...more });
  const value = (name: string) =>
    Array.from(panel().querySelectorAll('dl > div')).find((row) => row.firstChild?.textContent === name)?.lastChild
      ?.textContent;

  it('open by a key, close by Escape, and give the focus back', () => {
    const player = create();
    watch(player);
    vi.advanceTimersByTime(10);
    expect(closed()).toBe(true);
    const play = host.querySelector<HTMLElement>('.vjs-play-control') as HTMLElement;
    play.focus();
    press('s');
    expect(closed()).toBe(false);
    expect(panel().contains(document.activeElement)).toBe(true);
    press('Escape');
    expect(closed()).toBe(true);
    expect(document.activeElement).toBe(play);
    player.dispose();
  });

  it('open from the settings, and give the focus back to those', () => {
    const player = create();
    watch(player);
    vi.advanceTimersByTime(10);
    fire('loadstart');
    const item = Array.from(host.querySelectorAll<HTMLElement>('.vjs-menu-item')).at(-1);
    item?.focus();
    act(item, 'click');
    expect([closed(), panel().contains(document.activeElement)]).toEqual([false, true]);
    press('Escape');
    expect(document.activeElement).toBe(host.querySelector('.sluice-settings button'));
    player.dispose();
  });

  it('leave keys alone that belong to the browser', () => {
    const player = create();
    press('s', { ctrlKey: true });
    expect(closed()).toBe(true);
    player.dispose();
  });

  it('are renewed every second while they are open, and not after', () => {
    const player = create();
    watch(player);
    vi.advanceTimersByTime(10);
    FakeHls.newest.latestLevelDetails = LIVE;
    FakeHls.newest.targetLatency = 1.1;
    press('s');
    const rows = Array.from(panel().querySelectorAll('dd'));
    expect(value('Target')).toBe('1.1 s');
    FakeHls.newest.targetLatency = 6;
    vi.advanceTimersByTime(1_000);
    expect(value('Target')).toBe('6.0 s');
    expect(Array.from(panel().querySelectorAll('dd'))).toEqual(rows);
    panel().querySelector('button')?.click();
    FakeHls.newest.targetLatency = 9;
    vi.advanceTimersByTime(5_000);
    expect(value('Target')).toBe('6.0 s');
    press('s');
    player.dispose();
    vi.runOnlyPendingTimers();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('falling back to smooth', () => {
  const notice = () => host.querySelector<HTMLElement>('.sluice-notice') as HTMLElement;

  function stallThrice(onchange = vi.fn()) {
    const player = create(onchange);
    watch(player);
    vi.advanceTimersByTime(10);
    FakeHls.newest.latestLevelDetails = LIVE;
    for (const event of ['playing', 'waiting', 'playing', 'waiting', 'playing', 'waiting']) {
      fire(event);
      vi.advanceTimersByTime(10);
    }
    return player;
  }

  it('is said to eyes and to screen readers, in a region that was there before', () => {
    const onchange = vi.fn();
    const quiet = create();
    expect([notice().getAttribute('role'), notice().textContent]).toEqual(['status', '']);
    quiet.dispose();
    const player = stallThrice(onchange);
    expect(notice().textContent).toMatch(/stalling.*plays smoothly/);
    expect(onchange.mock.lastCall?.[0]).toMatchObject({ mode: 'smooth' });
    expect(FakeHls.newest.lowLatencyMode).toBe(false);
    player.dispose();
  });

  it('can be undone where it is said', () => {
    const player = stallThrice();
    Array.from(notice().querySelectorAll('button'))
      .find((button) => button.textContent === 'Back to low latency')
      ?.click();
    expect(FakeHls.newest.lowLatencyMode).toBe(true);
    expect(notice().textContent).toBe('');
    player.dispose();
  });

  it('can be accepted, and is not said again', () => {
    const player = stallThrice();
    notice().querySelector<HTMLButtonElement>('[aria-label="Close this notice"]')?.click();
    expect(notice().textContent).toBe('');
    expect(FakeHls.newest.lowLatencyMode).toBe(false);
    player.dispose();
  });
});

describe('the way to cut clips', () => {
  const setup = {} as ClipSetup;
  /** What is imported comes in its own time. */
  const imported = () => vi.dynamicImportSettled();

  beforeEach(() => {
    addClips.mockClear();
    removeClips.mockClear();
  });

  it('comes after the first picture, and goes when it is taken back', async () => {
    const player = create();
    const takeBack = player.offerClips(setup);
    await imported();
    expect(addClips).not.toHaveBeenCalled();
    fire('loadeddata');
    await imported();
    expect(addClips).toHaveBeenCalledOnce();
    takeBack();
    expect(removeClips).toHaveBeenCalledOnce();
    player.dispose();
  });

  it('does not come when it is taken back before', async () => {
    const player = create();
    player.offerClips(setup)();
    fire('loadeddata');
    await imported();
    expect(addClips).not.toHaveBeenCalled();
    player.dispose();
  });
});
