import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { api } from './api';
import { takeEarlyPlaylist } from './early';

const PATH = '/api/v1/channels/stage-north';

/** Runs public/early.js as a page at this address does. */
function open(address: string): void {
  history.replaceState(null, '', address);
  const script = document.createElement('script');
  script.dataset.watch = '/assets/Watch-1.js /assets/Watch-1.css';
  vi.spyOn(document, 'currentScript', 'get').mockReturnValue(script);
  new Function(readFileSync('public/early.js', 'utf8'))();
}

const links = () =>
  Array.from(document.head.querySelectorAll('link'), ({ rel, href }) => [rel, new URL(href).pathname]);

afterEach(() => {
  delete window.sluiceEarly;
  document.head.replaceChildren();
  history.replaceState(null, '', '/');
});

describe('the head start', () => {
  it('asks at once for what a watch page is made of, and for its channel', () => {
    const fetch = vi.fn(() => Promise.resolve(Response.json({})));
    vi.stubGlobal('fetch', fetch);
    open('/watch/stage-north');
    expect(fetch).toHaveBeenCalledExactlyOnceWith(PATH, expect.anything());
    expect(links()).toEqual([
      ['modulepreload', '/assets/Watch-1.js'],
      ['preload', '/assets/Watch-1.css'],
    ]);
  });

  it.each(['/', '/login', '/watch/', '/watch/a/b', '/studio/stage-north'])('asks for nothing on %s', (address) => {
    const fetch = vi.fn();
    vi.stubGlobal('fetch', fetch);
    open(address);
    expect([fetch.mock.calls, links()]).toEqual([[], []]);
  });

  it('answers the first question about the channel, and no other', async () => {
    const fetch = vi.fn(() => Promise.resolve(Response.json({ slug: 'stage-north' })));
    vi.stubGlobal('fetch', fetch);
    open('/watch/stage-north');
    await api.channel('another');
    await api.channel('stage-north');
    expect(fetch).toHaveBeenCalledTimes(2);
    await api.channel('stage-north');
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  const INDEX = 'http://sluice/live/stage-north/index.m3u8';
  const LIVE = 'http://sluice/live/stage-north/live.m3u8';
  const answers = (channel: object) =>
    vi.fn((url: string) => Promise.resolve(url === PATH ? Response.json(channel) : new Response(`text of ${url}`)));

  it('asks for the playlists of a show on air, and gives each of them once', async () => {
    const fetch = answers({ live: true, playback: { hls: INDEX } });
    vi.stubGlobal('fetch', fetch);
    vi.stubGlobal('MediaSource', vi.fn());
    open('/watch/stage-north');
    await vi.waitFor(() => expect(fetch.mock.calls.map(([url]) => url)).toEqual([PATH, INDEX, LIVE]));
    expect(await takeEarlyPlaylist(LIVE)).toMatchObject({ text: `text of ${LIVE}` });
    expect(takeEarlyPlaylist(LIVE)).toBeNull();
    expect(await api.channel('stage-north')).toMatchObject({ live: true });
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it('waits for nothing without end', async () => {
    const limit = vi.spyOn(AbortSignal, 'timeout');
    const fetch = answers({ live: true, playback: { hls: INDEX } });
    vi.stubGlobal('fetch', fetch);
    vi.stubGlobal('MediaSource', vi.fn());
    open('/watch/stage-north');
    await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(3));
    const given = fetch.mock.calls.map((call) => (call as unknown as [string, RequestInit])[1].signal);
    expect(given).toEqual(limit.mock.results.map(({ value }) => value));
    expect(limit.mock.calls.flat()).toEqual([15_000, 8_000, 8_000]);
  });

  const onAir = { live: true, playback: { hls: INDEX } };

  it.each([
    ['is off air', '', true, { live: false, playback: { hls: INDEX } }],
    ['may not be watched', '', true, { live: true, playback: null }],
    ['will be played by the browser itself', '', false, onAir],
    ['is opened at a moment of the past', '?t=2026-11-21T06:00:00Z', true, onAir],
  ])('asks for no playlist of what %s', async (_, search, plays, channel) => {
    const fetch = answers(channel);
    vi.stubGlobal('fetch', fetch);
    vi.stubGlobal('MediaSource', plays ? vi.fn() : undefined);
    open(`/watch/stage-north${search}`);
    await api.channel('stage-north');
    await new Promise((resolve) => setTimeout(resolve));
    expect(fetch).toHaveBeenCalledOnce();
  });

  it('that fails is a failure of the question', async () => {
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('network')));
    open('/watch/stage-north');
    await expect(api.channel('stage-north')).rejects.toMatchObject({ code: 'unreachable' });
  });
});
