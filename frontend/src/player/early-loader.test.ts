import type { HlsConfig, LoaderCallbacks, LoaderConfiguration, LoaderContext } from 'hls.js';
import { expect, it, vi } from 'vitest';

import type { EarlyPlaylist } from '../lib/early';
import { earlyLoader } from './early-loader';

const URL = 'http://sluice/live/stage-north/live.m3u8';
const context = { url: URL } as LoaderContext;
const config = {} as LoaderConfiguration;

const loads = vi.fn();

class Plain {
  context: LoaderContext | null = null;
  stats = { loading: { start: 0, first: 0, end: 0 }, loaded: 0, total: 0 };
  load(...args: unknown[]) {
    loads(...args);
  }
  abort() {}
  destroy() {}
}

/** A loader of what `take` gives, and what became of it. */
function load(early: Promise<EarlyPlaylist> | null) {
  loads.mockReset();
  const Loader = earlyLoader(Plain as never, (url) => (url === URL ? early : null));
  const onSuccess = vi.fn();
  const loader = new Loader({} as HlsConfig);
  loader.load(context, config, { onSuccess } as unknown as LoaderCallbacks<LoaderContext>);
  return { loader, onSuccess };
}

const playlist = (end: number): EarlyPlaylist => ({ text: '#EXTM3U', url: URL, start: end - 9, first: end - 1, end });
const settle = () => new Promise((resolve) => setTimeout(resolve));

it('gives what has come early, with its own times', async () => {
  const early = playlist(performance.now());
  const { loader, onSuccess } = load(Promise.resolve(early));
  await settle();
  expect(onSuccess).toHaveBeenCalledExactlyOnceWith(
    { url: URL, data: '#EXTM3U', code: 200 },
    expect.anything(),
    context,
    null,
  );
  expect(loader.stats.loading).toMatchObject({ start: early.start, first: early.first, end: early.end });
  expect(loads).not.toHaveBeenCalled();
});

it.each([
  ['nothing came early', () => null],
  ['it failed to come', () => Promise.reject(new Error('offline'))],
  ['it is old', () => Promise.resolve(playlist(performance.now() - 10_000))],
])('loads by itself where %s', async (_, early) => {
  const { onSuccess } = load(early());
  await settle();
  expect(loads).toHaveBeenCalledOnce();
  expect(onSuccess).not.toHaveBeenCalled();
});

it('says nothing after it was destroyed', async () => {
  const { loader, onSuccess } = load(Promise.resolve(playlist(performance.now())));
  loader.destroy();
  await settle();
  expect([onSuccess.mock.calls, loads.mock.calls]).toEqual([[], []]);
});
