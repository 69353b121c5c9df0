import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { api } from '../lib/api';
import { ClipList } from '../lib/clip-list.svelte';
import { clipTitle, early_s, embedCode } from '../lib/clips';
import type { Clip } from '../lib/model';
import { aClip } from '../testing/fixtures';
import { press, render, words } from '../testing/render';
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

describe('a list of clips', () => {
  it('takes in what has changed, and leaves out what was deleted', async () => {
    const list = new ClipList(() => page(aClip(), aClip({ id: 'c2' })));
    await list.reload();
    list.take(aClip({ title: 'Another name' }));
    list.remove('c2');
    expect(list.items.map(({ id, title }) => [id, title])).toEqual([['c1', 'Another name']]);
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
