import { flushSync } from 'svelte';
import { expect, it, describe, beforeEach, afterEach, vi, type Mock } from 'vitest';

import { api } from '../lib/api';
import type { Clip as AClip } from '../lib/model';
import { Problem } from '../lib/problem';
import { aClip } from '../testing/fixtures';
import { press, render, words } from '../testing/render';
import Clip from './Clip.svelte';
import Embed from './Embed.svelte';
import Watch from './Watch.svelte';

vi.mock('../player', () => ({}));

const params = { id: 'c1', slug: 'stage-north' };
const away = new Problem({ status: 503, code: 'unavailable', detail: 'The server is away.' });
const gone = new Problem({ status: 404, code: 'not_found', detail: 'Gone.' });

let read: Mock<(id: string) => Promise<AClip>>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    'WebSocket',
    class {
      close = () => undefined;
    },
  );
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('offline')));
  read = vi.spyOn(api, 'clip');
});
afterEach(() => vi.useRealTimers());

const settle = async () => {
  await vi.advanceTimersByTimeAsync(0);
  flushSync();
};

describe('a clip in another page', () => {
  it('can be asked for again when it could not be loaded', async () => {
    read.mockRejectedValueOnce(away).mockResolvedValue(aClip());
    const target = render(Embed, { params });
    await settle();
    expect(words(target)).toContain('The server is away.');
    press(target, 'Try again');
    await settle();
    expect(target.querySelector('video')?.getAttribute('src')).toBe(aClip().url);
  });

  it('cannot where it is gone', async () => {
    read.mockRejectedValue(gone);
    const target = render(Embed, { params });
    await settle();
    expect(words(target)).toBe('There is no clip here any more.');
  });
});

describe('the name of a window', () => {
  it('says that something is not found only where it is not there', async () => {
    const channel = vi.spyOn(api, 'channel');
    for (const [problem, clipIs, watchIs] of [
      [away, 'Clip', 'Watch'],
      [gone, 'Not found', 'Not found'],
    ] as const) {
      read.mockRejectedValue(problem);
      channel.mockRejectedValue(problem);
      render(Clip, { params });
      await settle();
      expect(document.title).toContain(clipIs);
      render(Watch, { params });
      await settle();
      expect(document.title).toContain(watchIs);
    }
  });
});

describe('a clip that could not be cut', () => {
  it('is tried again once, however often the button is pressed', async () => {
    read.mockResolvedValue(aClip({ state: 'failed', url: null, can_manage: true }));
    let answer: (clip: AClip) => void = () => undefined;
    const retry = vi.spyOn(api, 'retryClip').mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const target = render(Clip, { params });
    await settle();
    press(target, 'Try again');
    press(target, 'Try again');
    expect(retry).toHaveBeenCalledOnce();
    answer(aClip({ state: 'queued', url: null }));
    await settle();
    expect(words(target)).toContain('waits for its turn');
  });
});
