import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import * as picture from '../lib/picture';
import { aChannel, aShow, onAir } from '../testing/fixtures';
import { render } from '../testing/render';
import ChannelTile from './ChannelTile.svelte';
import ShowPoster from './ShowPoster.svelte';

const NOW = Date.parse('2026-11-20T21:23:45Z');
const THUMBNAIL = '/live/stage-north/thumbnail.jpg';

/** Moves a tile into sight or out of it. */
let see: (seen: boolean) => void;
let fetched: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  fetched = vi.spyOn(picture, 'fetchPicture').mockResolvedValue();
  vi.spyOn(picture, 'whileSeen').mockImplementation((_, begin) => {
    let end: (() => void) | undefined;
    see = (seen) => {
      end?.();
      end = seen ? begin() : undefined;
    };
    return () => end?.();
  });
});
afterEach(() => vi.useRealTimers());

async function pass(ms: number) {
  await vi.advanceTimersByTimeAsync(ms);
  flushSync();
}

describe('the picture of a channel that is on air', () => {
  const tile = () => {
    const target = render(ChannelTile, { channel: onAir(undefined, { thumbnail: THUMBNAIL }) });
    return { target, src: () => target.querySelector('img')?.getAttribute('src') };
  };

  it('is renewed while it is in sight, and not while it is not', async () => {
    const { target, src } = tile();
    await pass(60_000);
    expect(fetched).not.toHaveBeenCalled();
    expect(target.querySelector('.picture svg')).not.toBeNull();
    see(true);
    await pass(0);
    const first = src();
    expect(first).toMatch(/thumbnail\.jpg\?at=\d+$/);
    expect(target.querySelector('img')?.alt).toBe('Live picture of Harbour Sessions');
    await pass(10_000);
    expect(src()).not.toBe(first);
    see(false);
    await pass(60_000);
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it('stays when one is missed, and gives way to the test card when none comes any more', async () => {
    const { target, src } = tile();
    see(true);
    await pass(0);
    fetched.mockRejectedValue(new Error('404'));
    await pass(20_000);
    expect(src()).toMatch(/thumbnail/);
    await pass(10_000);
    expect(src()).toBeUndefined();
    expect(target.querySelector('.picture svg')).not.toBeNull();
    fetched.mockResolvedValue(undefined);
    await pass(10_000);
    expect(src()).toMatch(/thumbnail/);
  });

  it('is the test card off air and where there is no picture', async () => {
    for (const channel of [aChannel({ thumbnail: THUMBNAIL }), onAir()]) {
      see = () => undefined;
      const target = render(ChannelTile, { channel });
      see(true);
      await pass(30_000);
      expect(target.querySelector('img')).toBeNull();
      expect(target.querySelector('.picture svg')).not.toBeNull();
    }
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("a show's poster", () => {
  it('gives way to the test card where there is none or it cannot be had', () => {
    const none = render(ShowPoster, { show: aShow(), slug: 'a', title: 'A' });
    expect(none.querySelector('svg')).not.toBeNull();
    const target = render(ShowPoster, { show: aShow({ poster: '/live/a/posters/1.jpg' }), slug: 'a', title: 'A' });
    const img = target.querySelector('img');
    expect(img?.getAttribute('src')).toBe('/live/a/posters/1.jpg');
    img?.dispatchEvent(new Event('error'));
    flushSync();
    expect(target.querySelector('img')).toBeNull();
    expect(target.querySelector('svg')).not.toBeNull();
  });
});
