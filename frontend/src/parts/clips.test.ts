import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { api } from '../lib/api';
import { ClipList, followClips } from '../lib/clip-list.svelte';
import { clipTitle, early_s, embedCode } from '../lib/clips';
import { confirm } from '../lib/confirm.svelte';
import type { Clip } from '../lib/model';
import { Problem } from '../lib/problem';
import ClipPage from '../pages/Clip.svelte';
import Embed from '../pages/Embed.svelte';
import Watch from '../pages/Watch.svelte';
import { aChannel, aClip } from '../testing/fixtures';
import { press, render, words } from '../testing/render';
import ChannelClips from './ChannelClips.svelte';
import ClipsDesk from './ClipsDesk.svelte';
import ClipTile from './ClipTile.svelte';

class SilentSocket {
  static all: SilentSocket[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  close = vi.fn();
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    SilentSocket.all.push(this);
  }
}

beforeEach(() => {
  SilentSocket.all = [];
  vi.useFakeTimers({ now: Date.parse('2026-11-20T21:00:00Z') });
  vi.stubGlobal('WebSocket', SilentSocket);
});

afterEach(() => vi.useRealTimers());

const page = (...items: Clip[]) => Promise.resolve({ items, next_cursor: null });
const settle = async () => {
  await vi.advanceTimersByTimeAsync(0);
  flushSync();
};

describe('a clip in a grid', () => {
  const hover = (target: HTMLElement, type: string) => {
    target.querySelector('a')?.dispatchEvent(new PointerEvent(type, { pointerType: 'mouse' }));
    vi.advanceTimersByTime(500);
    flushSync();
  };

  it('moves without sound under the pointer, and rests when it leaves', () => {
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
    const target = render(ClipTile, { clip: aClip() });
    expect(target.querySelector('video')).toBeNull();
    hover(target, 'pointerenter');
    expect(target.querySelector('video')).toMatchObject({ muted: true, loop: true });
    hover(target, 'pointerleave');
    expect(target.querySelector('video')).toBeNull();
  });

  it('rests where people do not want things to move', () => {
    vi.stubGlobal('matchMedia', () => ({ matches: true }));
    const target = render(ClipTile, { clip: aClip() });
    hover(target, 'pointerenter');
    expect(target.querySelector('video')).toBeNull();
  });

  it('says how far it is, and why it failed', () => {
    const made = render(ClipTile, { clip: aClip({ state: 'running', progress: 0.4, url: null, poster: null }) });
    expect(made.querySelector('progress')?.value).toBe(0.4);
    const facts = { state: 'failed', reason: 'disk_full', reason_text: 'The disk is full.', url: null } as const;
    expect(words(render(ClipTile, { clip: aClip(facts) }))).toContain('The disk is full.');
  });
});

describe('the clips of a channel in the studio', () => {
  it('move on by themselves while they are made, and are no longer followed then', async () => {
    vi.spyOn(api, 'clips').mockReturnValue(page(aClip({ state: 'running', url: null, poster: null })));
    const target = render(ClipsDesk, { slug: 'stage-north' });
    await settle();
    const [socket] = SilentSocket.all;
    expect(socket?.url).toMatch(/\/ws\?clip=c1$/);
    socket?.onmessage?.({ data: JSON.stringify({ type: 'clip', clip: aClip() }) });
    flushSync();
    expect(words(target)).not.toContain('Being cut');
    expect(socket?.close).toHaveBeenCalled();
  });

  it('are tried again where they failed', async () => {
    vi.spyOn(api, 'clips').mockReturnValue(page(aClip({ state: 'failed', url: null, can_manage: true })));
    const retry = vi.spyOn(api, 'retryClip').mockResolvedValue(aClip({ state: 'queued', url: null, can_manage: true }));
    const target = render(ClipsDesk, { slug: 'stage-north' });
    await settle();
    target.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click();
    flushSync();
    press(target, 'Try again');
    await settle();
    expect(retry).toHaveBeenCalledWith('c1');
    expect(words(target)).toContain('Waiting');
  });

  it('give the focus of one that is deleted to its neighbour, and of the last to the heading', async () => {
    const mine = { can_manage: true };
    vi.spyOn(api, 'clips').mockReturnValue(page(aClip(mine), aClip({ id: 'c2', ...mine })));
    vi.spyOn(api, 'deleteClip').mockResolvedValue(null);
    const target = render(ClipsDesk, { slug: 'stage-north' });
    await settle();
    const remove = async () => {
      target.querySelector<HTMLElement>('[aria-haspopup=menu]')?.click();
      flushSync();
      press(target, 'Delete');
      confirm.answer(true);
      await settle();
      await settle();
    };
    await remove();
    expect(target.querySelectorAll('article')).toHaveLength(1);
    expect(document.activeElement).toBe(target.querySelector('article a'));
    await remove();
    expect(document.activeElement).toBe(target.querySelector('h2'));
  });

  it('offer nothing for clips that are not one’s own, and say how to make the first', async () => {
    vi.spyOn(api, 'clips').mockReturnValue(page(aClip()));
    const others = render(ClipsDesk, { slug: 'stage-north' });
    await settle();
    expect(others.querySelector('[aria-haspopup=menu]')).toBeNull();
    vi.spyOn(api, 'clips').mockReturnValue(page());
    const none = render(ClipsDesk, { slug: 'stage-north' });
    await settle();
    expect(words(none)).toContain('No clips yet');
  });
});

describe('a clip that somebody deletes', () => {
  const deleted = (id: string) => ({ data: JSON.stringify({ type: 'clip_deleted', channel: 'stage-north', id }) });

  it('leaves the list that shows it, made or not', async () => {
    vi.spyOn(api, 'clips').mockReturnValue(page(aClip(), aClip({ id: 'c2', title: 'The other' })));
    const ask = vi.spyOn(api, 'clip');
    const target = render(ClipsDesk, { slug: 'stage-north' });
    await settle();
    const [socket] = SilentSocket.all;
    expect(socket?.url).toMatch(/\/ws\?clip=c1&clip=c2$/);
    socket?.onmessage?.(deleted('c2'));
    flushSync();
    expect(words(target)).not.toContain('The other');
    expect(target.querySelectorAll('li')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).not.toHaveBeenCalled();
  });

  it('leaves its watch page, which listens to its channel alone', async () => {
    vi.spyOn(api, 'channel').mockResolvedValue(aChannel());
    vi.spyOn(api, 'channels').mockReturnValue(Promise.resolve({ items: [], next_cursor: null }));
    vi.spyOn(api, 'clips').mockReturnValue(page(aClip(), aClip({ id: 'c2', title: 'The other' })));
    const target = render(Watch, { params: { slug: 'stage-north' } });
    await settle();
    expect(words(target)).toContain('The other');
    expect(SilentSocket.all.filter(({ url }) => url.includes('clip='))).toEqual([]);
    const socket = SilentSocket.all.find(({ url }) => url.endsWith('?channel=stage-north'));
    socket?.onmessage?.(deleted('c2'));
    flushSync();
    expect(words(target)).not.toContain('The other');
  });

  it('is gone from its own page', async () => {
    vi.spyOn(api, 'clip').mockResolvedValue(aClip());
    const target = render(ClipPage, { params: { id: 'c1' } });
    await settle();
    const [socket] = SilentSocket.all;
    socket?.onmessage?.(deleted('c1'));
    flushSync();
    expect(words(target)).toContain('There is no clip at this address');
    expect(socket?.close).toHaveBeenCalled();
  });

  it('is not listened for in other people’s pages', async () => {
    vi.spyOn(api, 'clip').mockResolvedValue(aClip());
    const target = render(Embed, { params: { id: 'c1' } });
    await settle();
    expect(target.querySelector('video')).not.toBeNull();
    expect(SilentSocket.all).toEqual([]);
  });
});

describe('a list of clips', () => {
  it('takes in what has changed, and leaves out what was deleted', async () => {
    const list = new ClipList(() => page(aClip(), aClip({ id: 'c2' })));
    await list.reload();
    list.take(aClip({ title: 'Another name' }));
    list.remove('c2');
    expect(list.items.map(({ id, title }) => [id, title])).toEqual([['c1', 'Another name']]);
  });
});

describe('clips that are followed', () => {
  const problem = (status: number) => new Problem({ status, code: 'x', detail: 'x' });
  const following = (...ids: string[]) => {
    const [onclip, ongone] = [vi.fn(), vi.fn()];
    const stop = followClips(ids, { onclip, ongone });
    const hear = (clip: Clip) => SilentSocket.all[0]?.onmessage?.({ data: JSON.stringify({ type: 'clip', clip }) });
    return { onclip, ongone, stop, hear };
  };

  it('are not taken back by an older answer that comes late', async () => {
    let answer: (clip: Clip) => void = () => undefined;
    vi.spyOn(api, 'clip').mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const { onclip, hear, stop } = following('c1');
    await vi.advanceTimersByTimeAsync(2_000);
    hear(aClip());
    answer(aClip({ state: 'running' }));
    await settle();
    expect(onclip.mock.calls.map(([clip]) => clip.state)).toEqual(['ready']);
    stop();
  });

  it('are told of no more once nobody follows them', async () => {
    let answer: (clip: Clip) => void = () => undefined;
    vi.spyOn(api, 'clip').mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const { onclip, stop } = following('c1');
    await vi.advanceTimersByTimeAsync(2_000);
    stop();
    answer(aClip());
    await settle();
    expect(onclip).not.toHaveBeenCalled();
  });

  it('leave the list when they are gone, and stay while the server is away', async () => {
    const ask = vi.spyOn(api, 'clip').mockRejectedValueOnce(problem(503)).mockRejectedValue(problem(404));
    vi.spyOn(api, 'clips').mockReturnValue(page(aClip({ state: 'running', url: null, poster: null })));
    const target = render(ClipsDesk, { slug: 'stage-north' });
    await settle();
    await vi.advanceTimersByTimeAsync(2_000);
    flushSync();
    expect(words(target)).toContain('The drop');
    await vi.advanceTimersByTimeAsync(2_000);
    flushSync();
    expect(words(target)).toContain('No clips yet');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});

describe('the clips of a channel on its watch page', () => {
  const watched = async (...items: Clip[]) => {
    vi.spyOn(api, 'clips').mockReturnValue(page(...items));
    const list = new ClipList((cursor) => api.clips('stage-north', { cursor }));
    await list.reload();
    const target = render(ChannelClips, { list });
    return { list, target, tiles: () => target.querySelectorAll('article').length };
  };

  it('are joined by one that was just asked for, which is followed until it is ready', async () => {
    const { list, target, tiles } = await watched();
    expect(tiles()).toBe(0);
    list.add(aClip({ state: 'queued', url: null, poster: null }));
    flushSync();
    expect(words(target)).toContain('Waiting');
    SilentSocket.all[0]?.onmessage?.({ data: JSON.stringify({ type: 'clip', clip: aClip() }) });
    flushSync();
    expect([tiles(), words(target).includes('Waiting')]).toEqual([1, false]);
    list.add(aClip({ title: 'Again' }));
    flushSync();
    expect(tiles()).toBe(1);
  });

  it('are few until more are asked for', async () => {
    const { target, tiles } = await watched(...Array.from({ length: 8 }, (_, at) => aClip({ id: `c${at}` })));
    expect(tiles()).toBe(6);
    press(target, 'Show more');
    expect(tiles()).toBe(8);
  });
});

describe('what is said of a clip', () => {
  it('is its channel and time of day where it has no title', () => {
    expect(clipTitle(aClip({ title: null }))).toMatch(/^Harbour Sessions at \d\d:30:00$/);
  });

  it('is a player for other pages that a title cannot break out of', () => {
    expect(embedCode('/embed/c1', 'A "quoted" <b>')).toContain('title="A &quot;quoted&quot; &lt;b>"');
  });

  it('is by how much it begins earlier, where anybody would notice', () => {
    expect(early_s(aClip({ actual_start: '2026-11-20T18:29:58.500Z' }))).toBe(1.5);
    expect(early_s(aClip())).toBeNull();
  });
});
