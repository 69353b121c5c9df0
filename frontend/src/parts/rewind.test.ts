import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { api } from '../lib/api';
import { confirm } from '../lib/confirm.svelte';
import { spansOf } from '../lib/day';
import { PagedList } from '../lib/pages.svelte';
import { session } from '../lib/session.svelte';
import type { Clip, Show } from '../lib/model';
import type { Storyboard } from '../lib/storyboard.svelte';
import { aChannel, aClip, aShow, aStorageNode } from '../testing/fixtures';
import { press, render, type, words } from '../testing/render';
import DayStrip from './DayStrip.svelte';
import JumpToTime from './JumpToTime.svelte';
import NoRewind from './NoRewind.svelte';
import Recordings from './Recordings.svelte';
import ShowLine from './ShowLine.svelte';
import StorageNode from './StorageNode.svelte';

const local = (hours: number, minutes = 0, day = 20) => new Date(2026, 10, day, hours, minutes).getTime();
const iso = (moment_ms: number) => new Date(moment_ms).toISOString();
const NOW = local(12, 0, 21);
const range = { from_ms: local(12), to_ms: NOW };
const show = aShow({ title: 'Quiz night', started_at: iso(local(18)), ended_at: iso(local(20)) });

beforeEach(() => vi.useFakeTimers({ now: NOW }));
afterEach(() => vi.useRealTimers());

describe('the day strip', () => {
  function strip(at_ms: number | null = local(19), extra: { clips?: Clip[]; storyboard?: Storyboard } = {}) {
    const onseek = vi.fn();
    const target = render(DayStrip, {
      label: 'Moment of the day',
      range,
      spans: spansOf([show], range),
      at_ms,
      now_ms: NOW,
      end: 'now',
      title: 'Harbour Sessions',
      onseek,
      ...extra,
    });
    const slider = target.querySelector('[role=slider]') as HTMLElement;
    slider.getBoundingClientRect = () => ({ left: 100, width: 240 }) as DOMRect;
    slider.setPointerCapture = () => undefined;
    const key = (name: string) => {
      slider.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
      flushSync();
    };
    const point = (kind: string, x: number, pointerType = 'mouse') => {
      slider.dispatchEvent(new PointerEvent(kind, { clientX: x, button: 0, pointerType, bubbles: true }));
      flushSync();
    };
    return { target, slider, onseek, key, point };
  }

  it('is a slider that says the clock and the show', () => {
    const { slider } = strip();
    expect(slider.getAttribute('aria-valuetext')).toBe('19:00:00 yesterday, Quiz night');
    expect(slider.getAttribute('aria-valuenow')).toBe(String(7 * 3_600));
    expect(slider.tabIndex).toBe(0);
  });

  it('shows the clock under the pointer, and what was recorded then', () => {
    const { target, point } = strip();
    point('pointermove', 100 + 70);
    expect(words(target.querySelector('.flag'))).toBe('19:00:00 Quiz night');
    point('pointermove', 100 + 120);
    expect(words(target.querySelector('.flag'))).toBe('00:00:00 nothing recorded');
    point('pointerleave', 0);
    expect(words(target.querySelector('.flag'))).toBe('19:00:00');
  });

  it('seeks where a press is let go', () => {
    const { onseek, point } = strip();
    point('pointerdown', 100 + 60);
    point('pointermove', 100 + 65);
    expect(onseek).not.toHaveBeenCalled();
    point('pointerup', 100 + 65);
    expect(onseek).toHaveBeenCalledExactlyOnceWith(range.from_ms + 6.5 * 3_600_000);
  });

  it('moves by minutes and hours, and seeks once when the keys rest', () => {
    const { onseek, key, slider } = strip();
    for (const name of ['ArrowLeft', 'ArrowLeft', 'ArrowRight', 'PageDown', 'PageUp', 'ArrowDown']) key(name);
    expect(slider.getAttribute('aria-valuetext')).toMatch(/^18:58:/);
    expect(onseek).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(onseek).toHaveBeenCalledExactlyOnceWith(local(18, 58));
  });

  it('goes to the first moment and to now by Home and End, and takes a move back by Escape', () => {
    const { onseek, key } = strip();
    key('Home');
    key('Enter');
    key('End');
    key('Enter');
    key('PageDown');
    key('Escape');
    vi.advanceTimersByTime(500);
    expect(onseek.mock.calls.flat()).toEqual([local(18), NOW]);
  });

  it('gives a move by keys up when a press comes before it', () => {
    const { onseek, key, point } = strip();
    key('ArrowLeft');
    point('pointerdown', 100 + 60);
    point('pointerup', 100 + 60);
    vi.advanceTimersByTime(500);
    expect(onseek).toHaveBeenCalledExactlyOnceWith(range.from_ms + 6 * 3_600_000);
  });

  it('shows a hostile title as the text it is', () => {
    const { target } = strip();
    expect(target.querySelector('img')).toBeNull();
  });

  it('shows what the moment under the pointer looked like, once its sheet is there', () => {
    const tile = { src: 'http://site/sheet.jpg', x: 160, y: 90, width: 160, height: 90, here: true };
    const storyboard = { want: vi.fn(), at: (at_ms: number) => ({ ...tile, here: at_ms > local(19) }) };
    const { target, point } = strip(null, { storyboard: storyboard as unknown as Storyboard });
    expect(storyboard.want).not.toHaveBeenCalled();
    point('pointermove', 100 + 70);
    expect(storyboard.want).toHaveBeenLastCalledWith(local(19));
    expect(target.querySelector('.preview img')).toBeNull();
    point('pointermove', 100 + 71);
    const picture = target.querySelector<HTMLElement>('.preview img');
    expect([picture?.style.left, picture?.style.top]).toEqual(['-160px', '-90px']);
    point('pointerleave', 0);
    expect(target.querySelector('.preview')).toBeNull();
  });

  it('marks the clips of its time, with a title under the pointer and the focus, and a link to each', () => {
    const [early, late] = [local(18, 30), local(19, 30)];
    const clip = (id: string, at_ms: number, title: string | null) =>
      aClip({ id, title, start: iso(at_ms), end: iso(at_ms + 30_000) });
    const clips = [clip('c2', late, 'The encore'), clip('c1', early, null), clip('c0', local(11), 'Before')];
    clips.push({ ...clip('c3', late, 'Still being cut'), state: 'running' });
    const { target } = strip(null, { clips });
    const marks = [...target.querySelectorAll<HTMLAnchorElement>('.clips a')];
    expect(marks.map((mark) => mark.getAttribute('href'))).toEqual(['/clip/c1', '/clip/c2']);
    expect(marks[1]?.getAttribute('aria-label')).toBe('Clip: The encore, 19:30:00 yesterday, 0:30 long');
    for (const [from, to] of [
      ['focus', 'blur'],
      ['pointerenter', 'pointerleave'],
    ] as const) {
      marks[1]?.dispatchEvent(new PointerEvent(from, { pointerType: 'mouse' }));
      flushSync();
      expect(words(target.querySelector('.flag'))).toBe('19:30:00 The encore');
      expect(target.querySelector('.preview img')?.getAttribute('src')).toBe('http://localhost/clips/c1.jpg');
      marks[1]?.dispatchEvent(new PointerEvent(to, { pointerType: 'mouse' }));
      flushSync();
      expect(target.querySelector('.flag')).toBeNull();
    }
  });
});

describe('the field for a time', () => {
  it('jumps to the last such time, and says when there is none', () => {
    const onjump = vi.fn();
    const target = render(JumpToTime, { range, onjump });
    press(target, 'Go');
    expect(words(target.querySelector('[role=status]'))).toBe('Enter a time first.');
    type(target.querySelector('input'), '19:30:15');
    press(target, 'Go');
    expect(onjump).toHaveBeenCalledExactlyOnceWith(local(19, 30) + 15_000);
  });

  it('asks for the day as well where the window is longer', () => {
    const onjump = vi.fn();
    const target = render(JumpToTime, { range: { from_ms: local(12, 0, 17), to_ms: NOW }, onjump });
    expect(target.querySelector('input')?.type).toBe('datetime-local');
    type(target.querySelector('input'), '2026-11-18T19:30:00');
    press(target, 'Go');
    expect(onjump).toHaveBeenCalledWith(local(19, 30, 18));
  });
});

describe('whoever may not rewind', () => {
  it('is asked to sign in where that helps', () => {
    session.account = null;
    const target = render(NoRewind, { channel: aChannel({ dvr: 'signed_in' }) });
    expect(target.querySelector('a')?.getAttribute('href')).toMatch(/^\/login\?next=%2F/);
  });

  it('is told that the owner has turned it off', () => {
    const target = render(NoRewind, { channel: aChannel({ dvr: 'nobody' }) });
    expect(words(target)).toContain('turned rewind off');
    expect(target.querySelector('a')).toBeNull();
  });
});

describe('a show in the archive', () => {
  const day = { from_ms: local(0), to_ms: local(24) };

  it('says when, what and how long, and leads to its first moment', () => {
    const target = render(ShowLine, {
      slug: 'stage-north',
      show: { ...show, poster: '/poster.jpg' },
      range: day,
      title: 'Harbour Sessions',
    });
    expect(words(target)).toBe('18:00 – 20:00 Quiz night 2:00:00');
    expect(target.querySelector('a')?.getAttribute('href')).toBe(
      `/watch/stage-north?t=${iso(local(18)).replace('.000', '')}`,
    );
  });

  it('over midnight leads to the first moment of the day it is listed under', () => {
    const late = { ...show, started_at: iso(local(22, 0, 19)), ended_at: iso(local(2)) };
    const target = render(ShowLine, { slug: 'stage-north', show: late, range: day, title: 'Harbour Sessions' });
    expect(target.querySelector('a')?.getAttribute('href')).toBe(
      `/watch/stage-north?t=${iso(local(0)).replace('.000', '')}`,
    );
  });

  it('leads to live while it is on air', () => {
    const live = { ...show, live: true, ended_at: null, started_at: iso(local(11, 0, 21)), title: null };
    const target = render(ShowLine, { slug: 'stage-north', show: live, range: day, title: 'Harbour Sessions' });
    expect(words(target)).toMatch(/11:00 – now Harbour Sessions On air 1:00:00/);
    expect(target.querySelector('a')?.getAttribute('href')).toBe('/watch/stage-north');
  });
});

describe('the recordings in the studio', () => {
  async function list(items: Show[]) {
    const shows = new PagedList<Show>(() => Promise.resolve({ items, next_cursor: null }));
    await shows.reload();
    return render(Recordings, { slug: 'stage-north', title: 'Harbour Sessions', shows });
  }

  it('say how long, how big and until when, and where the bytes are', async () => {
    const target = await list([{ ...show, disk_bytes: 1_200_000_000, expires_at: iso(NOW + 3 * 3_600_000) }]);
    expect(words(target.querySelector('tbody tr'))).toMatch(
      /Quiz night .* 2:00:00 5\.2 GB 1\.2 GB on disk, 5\.2 GB in the store goes in 3 hours Keep/,
    );
    expect(target.querySelector('a[download]')?.getAttribute('href')).toBe(show.download);
  });

  it('are kept by one press, and let go by another', async () => {
    const change = vi
      .spyOn(api, 'changeShow')
      .mockImplementation((_, __, facts) => Promise.resolve({ ...show, ...facts }));
    const target = await list([show]);
    press(target, 'Keep');
    await vi.waitFor(() => expect(words(target)).toContain('until you let it go'));
    expect(change).toHaveBeenCalledWith('stage-north', show.id, { kept: true });
    press(target, 'Kept');
    await vi.waitFor(() => expect(change).toHaveBeenLastCalledWith('stage-north', show.id, { kept: false }));
  });

  it('are named, and lose their name when it is emptied', async () => {
    const change = vi
      .spyOn(api, 'changeShow')
      .mockImplementation((_, __, facts) => Promise.resolve({ ...show, ...facts }));
    const target = await list([show]);
    target.querySelector<HTMLElement>('.pencil')?.click();
    await vi.waitFor(() => expect(document.activeElement).toBe(target.querySelector('tbody input')));
    type(target.querySelector('tbody input'), '  ');
    press(target, 'Save');
    await vi.waitFor(() => expect(change).toHaveBeenCalledWith('stage-north', show.id, { title: null }));
    await vi.waitFor(() => expect(words(target.querySelector('tbody .name a'))).toBe('Harbour Sessions'));
  });

  it('give the focus of one that is deleted to its neighbour, and of the last to the heading', async () => {
    vi.spyOn(api, 'deleteShow').mockResolvedValue(null);
    const target = await list([show, aShow({ id: '9' })]);
    const remove = async () => {
      const button = target.querySelector<HTMLElement>('[aria-label^="Delete"]');
      button?.focus();
      button?.click();
      confirm.answer(true);
      await vi.waitFor(() => expect(button?.isConnected).toBe(false));
    };
    await remove();
    await vi.waitFor(() => expect(target.querySelector('tbody tr')?.contains(document.activeElement)).toBe(true));
    await remove();
    await vi.waitFor(() => expect(document.activeElement).toBe(target.querySelector('h2')));
  });

  it('are deleted only when the question was answered with yes, and not while on air', async () => {
    const remove = vi.spyOn(api, 'deleteShow').mockResolvedValue(null);
    const target = await list([show, aShow({ id: '9', live: true, ended_at: null, download: null })]);
    const buttons = target.querySelectorAll<HTMLElement>('[aria-label^="Delete"]');
    expect(buttons).toHaveLength(1);
    buttons[0]?.click();
    confirm.answer(false);
    buttons[0]?.click();
    expect(confirm.question?.text).toContain('cannot be undone');
    confirm.answer(true);
    await vi.waitFor(() => expect(remove).toHaveBeenCalledExactlyOnceWith('stage-north', show.id));
    await vi.waitFor(() => expect(target.querySelectorAll('tbody tr')).toHaveLength(1));
  });
});

describe('a machine that uploads', () => {
  it('shows its disk against the watermarks', () => {
    const target = render(StorageNode, { node: aStorageNode() });
    const meter = target.querySelector('[role=meter]');
    expect(meter?.getAttribute('aria-valuenow')).toBe('54');
    expect(meter?.getAttribute('aria-valuetext')).toContain('85%');
    expect(target.querySelector('[role=alert]')).toBeNull();
  });

  it('says in a sentence what keeps it from working', () => {
    const node = aStorageNode({ state: 'stuck', problem: 'The object store refuses the secret key.' });
    const alert = render(StorageNode, { node }).querySelector('[role=alert]');
    expect(words(alert)).toMatch(/^The object store refuses the secret key\. It waits for you/);
  });
});
