import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import videojs from 'video.js/core.es.js';

import type { Segment } from './clock';
import { type ClipOptions, type ClipPlugin, registerClip, segmentsClock } from './index';
import { aTransport, type FakeTransport, READY } from './testing/fakes';

const NINE = Date.parse('2026-11-21T09:00:00Z');
const SECOND = 1_000;
const FRAME_MS = 1_000 / 30;
/** Ten minutes in segments of 2 s; after five of them the clock jumps by an hour, the media does not. */
const SEGMENTS: Segment[] = Array.from({ length: 300 }, (_, at) => ({
  start: 2 * at,
  duration: 2,
  programDateTime: NINE + 2 * SECOND * at + (at >= 150 ? 3_600 * SECOND : 0),
}));

let page: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  videojs.log.level('error');
  registerClip(videojs as never);
  page = document.createElement('div');
  document.body.replaceChildren(page);
});

afterEach(() => {
  for (const player of videojs.getAllPlayers()) player.dispose();
  vi.useRealTimers();
});

/** A player at 100 s into the media, with the plugin. */
function playing(options: Partial<ClipOptions> = {}) {
  const transport = aTransport();
  const { player, video } = bare();
  const clock = segmentsClock(
    () => SEGMENTS,
    () => true,
  );
  const plugin = (player as never as { clip(options: ClipOptions): ClipPlugin }).clip({
    limits: { max_s: 60 },
    transport,
    clock,
    ...options,
  });
  return { player, video, plugin, transport };
}

function bare() {
  const element = document.createElement('video-js');
  page.append(element);
  const player = videojs(element, { controls: true });
  vi.advanceTimersByTime(10);
  const video = page.querySelector('video') as HTMLVideoElement;
  video.currentTime = 100;
  return { player, video };
}

const find = (selector: string) => page.querySelector<HTMLElement>(selector) as HTMLElement;
const press = (target: HTMLElement, key: string, more: object = {}) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
const openByButton = () => find('.vjs-clip-control').click();
const markers = (plugin: ClipPlugin) => {
  const { in_ms, out_ms } = plugin.markers as { in_ms: number; out_ms: number };
  return [(in_ms - NINE) / SECOND, (out_ms - NINE) / SECOND];
};

/** Presses at a share of the bar that is 1000 px wide, moves, and lets go. */
function drag(target: HTMLElement, from: number, to: number) {
  const track = find('.vjs-clip-track');
  vi.spyOn(track, 'getBoundingClientRect').mockReturnValue({ left: 0, width: 1_000 } as DOMRect);
  const fire = (type: string, clientX: number, at: HTMLElement) =>
    at.dispatchEvent(new PointerEvent(type, { clientX, button: 0, bubbles: true, pointerType: 'mouse' }));
  fire('pointerdown', from, target);
  fire('pointermove', (from + to) / 2, track);
  fire('pointermove', to, track);
  fire('pointerup', to, track);
  vi.advanceTimersByTime(10);
}

describe('the markers', () => {
  it('stand around what was just seen when the panel opens, and the first has the focus', () => {
    const { plugin } = playing();
    openByButton();
    expect(markers(plugin)).toEqual([70, 100]);
    expect(document.activeElement).toBe(find('.vjs-clip-in'));
    expect(find('.vjs-clip-control').getAttribute('aria-expanded')).toBe('true');
  });

  it('are sliders that say the wall clock and how long the clip is', () => {
    playing();
    openByButton();
    const handle = find('.vjs-clip-in');
    expect(handle.getAttribute('role')).toBe('slider');
    expect(handle.getAttribute('aria-valuetext')).toMatch(/^\d\d:01:10\.00, a clip of 30 seconds$/);
    expect(find('.vjs-clip-length').textContent).toBe('30.0 s');
  });

  it('are set at the picture by I and O', () => {
    const { plugin, video, player } = playing();
    press(player.el() as HTMLElement, 'i');
    video.currentTime = 112.5;
    press(player.el() as HTMLElement, 'o');
    expect(markers(plugin)).toEqual([100, 112.5]);
  });

  it('follow the date-times across a discontinuity, not the media clock', () => {
    const { plugin, video, player } = playing({ limits: { max_s: 7_200 } });
    video.currentTime = 299;
    press(player.el() as HTMLElement, 'i');
    video.currentTime = 301;
    press(player.el() as HTMLElement, 'o');
    expect(markers(plugin)).toEqual([299, 3_901]);
    expect(find('.vjs-clip-note').textContent).toContain('60 minutes in between');
  });

  it('are moved by arrows, by a frame and by a second, and the picture goes along', () => {
    const { plugin, video } = playing();
    openByButton();
    press(find('.vjs-clip-in'), 'ArrowRight');
    expect((plugin.markers?.in_ms ?? 0) - NINE).toBeCloseTo(70 * SECOND + FRAME_MS);
    press(find('.vjs-clip-in'), 'ArrowLeft');
    press(find('.vjs-clip-in'), 'ArrowLeft', { shiftKey: true });
    expect((plugin.markers?.in_ms ?? 0) - NINE).toBeCloseTo(69 * SECOND);
    vi.advanceTimersByTime(300);
    expect(video.currentTime).toBeCloseTo(69, 1);
    expect(video.paused).toBe(true);
  });

  it('are dragged by a pointer', () => {
    const { plugin, video } = playing();
    openByButton();
    // The view is 30 / 0.55 s long around 85 s.
    drag(find('.vjs-clip-in'), 225, 325);
    expect(markers(plugin)[0]).toBeCloseTo(70 + 5.4545, 2);
    expect(markers(plugin)[1]).toBe(100);
    drag(find('.vjs-clip-out'), 775, 725);
    expect(video.currentTime).toBeCloseTo(markers(plugin)[1] as number, 1);
  });

  it('stop at the longest clip, and the panel has said before that there is one', () => {
    const { plugin } = playing();
    openByButton();
    expect(find('.vjs-clip-span').textContent).toContain('of at most 1 minute');
    for (let second = 0; second < 40; second += 1) press(find('.vjs-clip-in'), 'ArrowLeft', { shiftKey: true });
    expect(markers(plugin)).toEqual([40, 100]);
    expect(find('.vjs-clip-note').textContent).toContain('A clip is at most 1 minute long here');
  });

  it('show under the pointer which moment is there, with a thumbnail where there is a storyboard', () => {
    const storyboard = vi.fn(() => ({ src: 'http://media/sheet.jpg', x: 160, y: 0, width: 160, height: 90 }));
    playing({ storyboard });
    openByButton();
    drag(find('.vjs-clip-track'), 400, 500);
    expect(find('.vjs-clip-flag').textContent).toMatch(/:01:25\.00$/);
    expect(find('.vjs-clip-thumb').style.getPropertyValue('width')).toBe('160px');
  });

  it('show a thumbnail whatever signs its address has', () => {
    for (const src of ['http://media/a%2Fb%3D1.jpg', 'http://media/100%.jpg', 'http://media/it"s (1).jpg']) {
      const { plugin } = playing({ storyboard: () => ({ src, x: 160, y: 90, width: 160, height: 90 }) });
      openByButton();
      const set = vi.spyOn(find('.vjs-clip-thumb').style, 'setProperty');
      drag(find('.vjs-clip-track'), 400, 500);
      expect(set).toHaveBeenCalledWith('background', `url(${JSON.stringify(src)}) -160px -90px`);
      plugin.dispose();
      find('.video-js').remove();
    }
  });

  it('show the moment that is under the pointer when the bar shows another stretch after a drag', () => {
    playing();
    openByButton();
    drag(find('.vjs-clip-in'), 225, 20);
    vi.advanceTimersByTime(500);
    const said = find('.vjs-clip-flag').textContent;
    find('.vjs-clip-track').dispatchEvent(new PointerEvent('pointermove', { clientX: 20, pointerType: 'mouse' }));
    expect(find('.vjs-clip-flag').textContent).toBe(said);
  });

  it('show a thumbnail that comes while the pointer rests', () => {
    const sheet = { src: 'http://media/sheet.jpg', x: 160, y: 0, width: 160, height: 90 };
    const storyboard = vi.fn((): typeof sheet | null => null);
    playing({ storyboard });
    openByButton();
    drag(find('.vjs-clip-track'), 400, 500);
    expect(find('.vjs-clip-thumb').hidden).toBe(true);
    storyboard.mockReturnValue(sheet);
    vi.advanceTimersByTime(300);
    expect(find('.vjs-clip-thumb').hidden).toBe(false);
  });
});

describe('a marker that rests', () => {
  it('stands where the frame under it begins, so that what is seen is what is cut', () => {
    const { player, video, plugin } = playing();
    let present: VideoFrameRequestCallback = () => undefined;
    Object.assign(video, { requestVideoFrameCallback: (tell: typeof present) => (present = tell) && 1 });
    openByButton();
    press(find('.vjs-clip-in'), 'ArrowRight');
    vi.advanceTimersByTime(200);
    player.trigger('seeked');
    present(0, { mediaTime: 70.02, presentedFrames: 1 } as VideoFrameCallbackMetadata);
    vi.advanceTimersByTime(300);
    expect(markers(plugin)[0]).toBeCloseTo(70.02, 3);
  });

  it('stands where the frame begins that was meant, by the clock as it is once the frame is there', () => {
    // Until its segment has come, it is taken to begin half a frame too early.
    let off_s = -0.016;
    const clock = segmentsClock(() => SEGMENTS.map((segment) => ({ ...segment, start: segment.start + off_s })));
    const { player, video, plugin } = playing({ clock, suggest_s: 30 });
    let present: VideoFrameRequestCallback = () => undefined;
    Object.assign(video, { requestVideoFrameCallback: (tell: typeof present) => (present = tell) && 1 });
    openByButton();
    const arrive = (frame_s: number) => {
      player.trigger('seeked');
      present(0, { mediaTime: frame_s, presentedFrames: 1 } as VideoFrameCallbackMetadata);
      vi.advanceTimersByTime(300);
    };
    press(find('.vjs-clip-in'), 'ArrowRight');
    const goal_s = markers(plugin)[0] as number;
    vi.advanceTimersByTime(200);
    off_s = 0;
    // Date-times are rounded: the frame that is meant begins a millisecond later, the one before is shown.
    const meant_s = goal_s + 0.001;
    arrive(meant_s - FRAME_MS / SECOND);
    expect(video.currentTime).toBeCloseTo(goal_s + 0.005, 3);
    arrive(meant_s);
    expect(markers(plugin)[0]).toBeCloseTo(meant_s, 3);
  });

  it('does not call back a picture that was led on before its frame was told of', () => {
    const { player, video } = playing();
    let present: VideoFrameRequestCallback = () => undefined;
    Object.assign(video, { requestVideoFrameCallback: (tell: typeof present) => (present = tell) && 1 });
    openByButton();
    press(find('.vjs-clip-in'), 'ArrowRight');
    vi.advanceTimersByTime(200);
    player.trigger('seeked');
    press(player.el() as HTMLElement, 'ArrowRight', { shiftKey: true });
    const there = video.currentTime;
    expect(there).toBeGreaterThan(71);
    player.trigger('seeked');
    present(0, { mediaTime: there, presentedFrames: 1 } as VideoFrameCallbackMetadata);
    vi.advanceTimersByTime(300);
    expect(video.currentTime).toBe(there);
  });
});

describe('the picture that is led by keys', () => {
  it('goes on from where it was led, however late anybody is told of the frame there', () => {
    const { player, video, plugin } = playing();
    Object.assign(video, { requestVideoFrameCallback: () => 1 });
    openByButton();
    const picture = player.el() as HTMLElement;
    for (let times = 0; times < 30; times += 1) {
      press(picture, 'ArrowRight');
      player.trigger('seeked');
      vi.advanceTimersByTime(300);
    }
    expect(video.currentTime).toBeCloseTo(101.005, 3);
    press(picture, 'i');
    expect(markers(plugin)[0]).toBeCloseTo(101, 3);
  });

  it('is where somebody else has taken it since', () => {
    const { player, video, plugin } = playing();
    Object.assign(video, { requestVideoFrameCallback: () => 1 });
    openByButton();
    press(player.el() as HTMLElement, 'ArrowRight');
    player.trigger('seeked');
    video.currentTime = 120;
    press(player.el() as HTMLElement, 'i');
    expect(markers(plugin)[0]).toBe(120);
  });
});

describe('the preview', () => {
  it('plays between the markers again and again', () => {
    const { player, video } = playing();
    openByButton();
    press(find('.vjs-clip-in'), 'p');
    expect(video.currentTime).toBeCloseTo(70, 1);
    player.trigger('seeked');
    video.currentTime = 100.1;
    player.trigger('timeupdate');
    expect(video.currentTime).toBeCloseTo(70, 1);
  });
});

describe('the preview of what is yet to happen', () => {
  it('cannot be begun, and the panel says why', () => {
    const { player, video, plugin } = playing();
    video.currentTime = 600;
    openByButton();
    press(find('.vjs-clip-out'), 'PageUp');
    press(find('.vjs-clip-out'), 'PageUp');
    for (let page = 0; page < 4; page += 1) press(find('.vjs-clip-in'), 'PageUp');
    vi.advanceTimersByTime(300);
    expect(plugin.markers?.in_ms).toBeGreaterThan(SEGMENTS.at(-1)?.programDateTime ?? Infinity);
    expect((find('.vjs-clip-acts [aria-pressed]') as HTMLButtonElement).disabled).toBe(true);
    expect(find('.vjs-clip-note').textContent).toContain('ahead of live');
    const sought = vi.spyOn(player, 'currentTime');
    press(find('.vjs-clip-in'), 'p');
    vi.advanceTimersByTime(1_000);
    expect(sought.mock.calls.filter(([time_s]) => time_s !== undefined)).toEqual([]);
    press(find('.vjs-clip-in'), 'PageDown');
    press(find('.vjs-clip-in'), 'PageDown');
    expect((find('.vjs-clip-acts [aria-pressed]') as HTMLButtonElement).disabled).toBe(false);
  });
});

describe('a screen reader', () => {
  const heard = () => Array.from(page.querySelectorAll('[role=status]'), (region) => region.textContent).join('');

  it('is told by a marker how it stands, and by nothing beside it', () => {
    playing();
    openByButton();
    const live = 'output, [aria-live], [role=status], [role=alert], [role=log]';
    const regions = page.querySelectorAll(`.vjs-clip :is(${live})`);
    const before = Array.from(regions, (region) => region.textContent);
    press(find('.vjs-clip-in'), 'ArrowLeft', { shiftKey: true });
    vi.advanceTimersByTime(500);
    expect(find('.vjs-clip-length').textContent).toBe('31.0 s');
    expect(Array.from(regions, (region) => region.textContent)).toEqual(before);
  });

  it('is told once that the end is ahead of live, not every second how far', () => {
    let live_s = 600;
    const clock = segmentsClock(() => [{ start: 0, duration: live_s, programDateTime: NINE }]);
    const { video } = playing({ clock });
    video.currentTime = 600;
    openByButton();
    press(find('.vjs-clip-out'), 'PageUp');
    press(find('.vjs-clip-out'), 'PageUp');
    const first = heard();
    expect(first).toContain('10 seconds ahead of live');
    live_s = 605;
    vi.advanceTimersByTime(500);
    expect(find('.vjs-clip-note').textContent).toContain('15 seconds ahead of live');
    expect(heard()).toBe(first);
    live_s = 630;
    vi.advanceTimersByTime(500);
    expect(heard()).toBe('10 seconds more, and the clip is as long as it may be.');
  });

  it('is told why no clip can be made', () => {
    playing({ refusal: () => ({ text: 'Sign in to make clips.' }) });
    openByButton();
    // An alert is read out as it comes; a status would have to be there before its words.
    expect(find('.vjs-clip [role=alert]').textContent).toBe('Sign in to make clips.');
    expect(heard()).toBe('');
  });
});

describe('the keys of others', () => {
  const away = (target: HTMLElement, key: string) => !press(target, key);

  it('are left alone by a panel that says why there can be no clip', () => {
    const { player, plugin } = playing({ refusal: () => ({ text: 'Sign in to make clips.' }) });
    openByButton();
    for (const key of ['ArrowLeft', 'PageUp', 'p', 'Enter']) expect(away(player.el() as HTMLElement, key)).toBe(false);
    press(player.el() as HTMLElement, 'Escape');
    expect(plugin.open).toBe(false);
  });

  it('close a menu or a panel of the player before the clip is left', () => {
    const { player, plugin } = playing();
    openByButton();
    const menu = document.createElement('div');
    menu.innerHTML =
      '<button aria-haspopup="true" aria-expanded="true"></button><ul role="menu"><li role="menuitem" tabindex="-1"></li></ul><div role="region"><button></button></div>';
    player.el().append(menu);
    for (const target of menu.querySelectorAll<HTMLElement>('button, li')) press(target, 'Escape');
    expect(plugin.open).toBe(true);
    press(find('.vjs-clip-control'), 'Escape');
    expect(plugin.open).toBe(false);
  });
});

describe('the preview of a marker that was just moved', () => {
  it('goes on when the marker has come to rest', () => {
    const { video } = playing();
    openByButton();
    press(find('.vjs-clip-in'), 'ArrowRight', { shiftKey: true });
    press(find('.vjs-clip-in'), 'p');
    vi.advanceTimersByTime(300);
    expect(video.currentTime).toBeCloseTo(71, 1);
    expect(find('.vjs-clip-acts [aria-pressed]').getAttribute('aria-pressed')).toBe('true');
  });
});

describe('the clip', () => {
  it('is asked for by Enter with the wall clock, and then its link, download and page are there', async () => {
    const { transport, player } = playing({ mode: 'fast' });
    press(player.el() as HTMLElement, 'i');
    transport.poll.mockResolvedValue(READY);
    press(find('.vjs-clip-in'), 'Enter');
    expect(transport.create.mock.calls[0]?.[0]).toEqual({
      start: '2026-11-21T09:01:40.000Z',
      end: '2026-11-21T09:02:10.000Z',
      mode: 'fast',
    });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(find('.vjs-clip-outcome').textContent).toContain('Your clip is ready');
    expect(find('.vjs-clip-outcome a[download]').getAttribute('href')).toBe('/api/v1/clips/c1/download');
    expect((find('.vjs-clip-outcome input') as HTMLInputElement).value).toMatch(/\/clip\/c1$/);
  });

  it('shows how far it is, and says when it failed and how to go on', async () => {
    const { transport } = playing();
    openByButton();
    press(find('.vjs-clip-in'), 'Enter');
    await vi.advanceTimersByTimeAsync(500);
    expect((find('progress') as HTMLProgressElement).value).toBe(0.4);
    expect(document.activeElement).toBe(find('.vjs-clip-outcome'));
    transport.poll.mockResolvedValue({
      ...READY,
      state: 'failed',
      reason: 'disk_full',
      reason_text: 'The disk is full.',
    });
    await vi.advanceTimersByTimeAsync(500);
    expect(find('.vjs-clip-outcome').textContent).toContain('The disk is full.');
    expect(find('.vjs-clip-outcome').textContent).toContain('Try again');
  });

  it('is not asked for where nothing was recorded', () => {
    const { transport } = playing({ clock: { ...segmentsClock(() => SEGMENTS), recorded: () => [] } });
    openByButton();
    press(find('.vjs-clip-in'), 'Enter');
    expect(transport.create).not.toHaveBeenCalled();
  });

  it('cannot be begun by whoever may not, who is told what to do', () => {
    const refusal = () => ({ text: 'Sign in to make clips.', action: { label: 'Sign in', href: '/login' } });
    const { plugin } = playing({ refusal });
    openByButton();
    expect(find('.vjs-clip').textContent).toContain('Sign in to make clips.');
    expect(document.activeElement).toBe(find('.vjs-clip a[href="/login"]'));
    expect(plugin.markers).toBeNull();
  });
});

describe('leaving', () => {
  it('is done by Escape, takes the panel away, and gives the focus back', () => {
    const onclose = vi.fn();
    const { plugin } = playing({ onclose });
    find('.vjs-clip-control').focus();
    openByButton();
    press(find('.vjs-clip-in'), 'Escape');
    expect([plugin.open, find('.vjs-clip')]).toEqual([false, null]);
    expect(document.activeElement).toBe(find('.vjs-clip-control'));
    expect(onclose).toHaveBeenCalledWith({ moved: false });
  });

  it('lets the clip be made that was just asked for, and the page hears of it', async () => {
    const onasked = vi.fn();
    playing({ onasked });
    openByButton();
    press(find('.vjs-clip-in'), 'Enter');
    press(find('.vjs-clip-outcome'), 'Escape');
    await vi.advanceTimersByTimeAsync(0);
    expect(onasked).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: 'c1' }));
    expect(find('.vjs-clip')).toBeNull();
  });

  it('puts the panel into the host of the site, and over the picture in full screen', () => {
    const host = document.createElement('div');
    page.append(host);
    const { player } = playing({ host });
    openByButton();
    expect(find('.vjs-clip').parentElement).toBe(host);
    player.isFullscreen(true);
    player.trigger('fullscreenchange');
    expect(find('.vjs-clip').parentElement).toBe(player.el());
  });
});

describe('the panel over the picture', () => {
  it.each([true, false])('has its keys for itself, in full screen (%s) as well as without a host', (full) => {
    const host = document.createElement('div');
    page.append(host);
    const { player } = playing(full ? { host } : {});
    // Where Video.js listens for its own.
    const hotkeys = vi.fn();
    player.el().addEventListener('keydown', hotkeys);
    openByButton();
    player.isFullscreen(full);
    player.trigger('fullscreenchange');
    expect(find('.vjs-clip').parentElement).toBe(player.el());
    const title = find('.vjs-clip input[name=title]');
    const radio = find('.vjs-clip input[type=radio]');
    for (const target of [find('.vjs-clip-nudge'), find('.vjs-clip-main'), title, radio, find('.vjs-clip-in')]) {
      for (const key of [' ', 'ArrowLeft', 'Home', 'End', 'f', 'm']) {
        const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
        target.dispatchEvent(event);
        expect(event.defaultPrevented, `${key} on ${target.className}`).toBe(
          target.classList.contains('vjs-clip-handle') && [' ', 'ArrowLeft'].includes(key),
        );
      }
    }
    expect(hotkeys).not.toHaveBeenCalled();
    press(player.el() as HTMLElement, 'f');
    expect(hotkeys).toHaveBeenCalledOnce();
  });

  it('keeps the focus where it was when it moves into full screen and out of it', () => {
    const host = document.createElement('div');
    page.append(host);
    const { player } = playing({ host });
    openByButton();
    for (const full of [true, false]) {
      player.isFullscreen(full);
      player.trigger('fullscreenchange');
      expect(document.activeElement).toBe(find('.vjs-clip-in'));
    }
  });
});

describe('dispose', () => {
  it('leaves no element, no timer and no listener, whatever was going on', async () => {
    const host = document.createElement('div');
    page.append(host);
    const { player } = bare();
    // Video.js's own first timers.
    vi.advanceTimersByTime(5_000);
    const before = { elements: new Set(page.querySelectorAll('*')), timers: vi.getTimerCount() };
    const listening = countListeners();
    const busy = (player as never as { clip(options: ClipOptions): ClipPlugin }).clip({
      limits: { max_s: 60 },
      transport: aTransport() as FakeTransport,
      clock: segmentsClock(() => SEGMENTS),
      host,
    });
    openByButton();
    press(find('.vjs-clip-in'), 'ArrowLeft');
    press(find('.vjs-clip-in'), 'p');
    press(find('.vjs-clip-in'), 'Enter');
    await vi.advanceTimersByTimeAsync(700);
    expect(listening()).toBeGreaterThan(0);
    busy.dispose();
    const added = Array.from(page.querySelectorAll('*')).filter((element) => !before.elements.has(element));
    expect(added.map((element) => element.className)).toEqual([]);
    expect(find('.video-js').className).not.toContain('clip');
    expect(listening()).toBe(0);
    // Video.js has a timer of its own after it was asked to play, which ends by itself.
    vi.advanceTimersByTime(30_000);
    expect(vi.getTimerCount()).toBe(before.timers);
  });

  it('comes with that of the player', () => {
    const host = document.createElement('div');
    page.append(host);
    const { player } = playing({ host });
    openByButton();
    player.dispose();
    expect([find('.vjs-clip'), find('.vjs-clip-control')]).toEqual([null, null]);
  });
});

/** What listens that did not before, on what outlives the plugin: the page, the window, the player's element. */
function countListeners(): () => number {
  const lasting: EventTarget[] = [window, document, document.body, find('.video-js'), find('video')];
  const added: { target: EventTarget; type: string; listener: unknown }[] = [];
  for (const target of lasting) {
    const [add, remove] = [target.addEventListener.bind(target), target.removeEventListener.bind(target)];
    const forget = (type: string, listener: unknown) => {
      const at = added.findIndex((one) => one.target === target && one.type === type && one.listener === listener);
      if (at >= 0) added.splice(at, 1);
    };
    vi.spyOn(target, 'addEventListener').mockImplementation((...args: Parameters<EventTarget['addEventListener']>) => {
      const [type, listener, options] = args;
      added.push({ target, type, listener });
      if (typeof options === 'object') options.signal?.addEventListener('abort', () => forget(type, listener));
      add(...args);
    });
    vi.spyOn(target, 'removeEventListener').mockImplementation(
      (...args: Parameters<EventTarget['removeEventListener']>) => {
        forget(args[0], args[1]);
        remove(...args);
      },
    );
  }
  return () => added.length;
}
